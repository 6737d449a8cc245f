package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/history"
	"parley/proto"
)

func newHistory(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Look into what was said, and erase from it",
		Long: `history works on the file that parley serve --history keeps. The server may run
meanwhile. Private messages are never in it.`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newHistoryExport(w), newHistorySearch(w), newHistoryErase(w))
	return cmd
}

func newHistoryExport(w world) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "export FILE",
		Short:   "Print all that was said, oldest first",
		Example: "  parley history export said.db --json",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			return history.Export(args[0], printer(w.out, asJSON))
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func newHistorySearch(w world) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "search FILE WORD...",
		Short:   "Print what was said with all of these words, best first",
		Example: "  parley history search said.db sockets deadline",
		Args:    wordsAfterFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return history.Search(args[0], strings.Join(args[1:], " "), printer(w.out, asJSON))
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func jsonFlag(cmd *cobra.Command, asJSON *bool) {
	cmd.Flags().BoolVar(asJSON, "json", false, "one JSON object on a line for each message")
}

func newHistoryErase(w world) *cobra.Command {
	var user string
	cmd := &cobra.Command{
		Use:     "erase FILE --user NAME",
		Short:   "Erase all that somebody has said under a name",
		Example: "  parley history erase said.db --user alice",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			if user == "" {
				return usagef("--user: whose messages are to be erased?")
			}
			removed, err := history.Erase(args[0], user)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w.out, "%d messages of %s erased\n", removed, proto.Visible(user))
			return err
		},
	}
	cmd.Flags().StringVar(&user, "user", "", "`name` under which it was said")
	return cmd
}

// printer prints messages: as they are on the wire, stamped, or as JSON.
func printer(out io.Writer, asJSON bool) func(history.Message) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		return func(m history.Message) error {
			return encoder.Encode(struct {
				ID     int64  `json:"id"`
				Time   string `json:"time"`
				Sender string `json:"sender"`
				Text   string `json:"text"`
			}{m.Stamp.ID, m.Stamp.Time, m.Sender, m.Text})
		}
	}
	return func(m history.Message) error {
		_, err := out.Write(m.AppendLine(nil))
		return err
	}
}

// wordsAfterFile is for a command that takes a file and at least one word.
func wordsAfterFile(cmd *cobra.Command, args []string) error {
	return exactly("FILE", "WORD")(cmd, args[:min(len(args), 2)])
}
