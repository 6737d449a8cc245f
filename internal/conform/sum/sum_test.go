package sum_test

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"parley/internal/conform"
	"parley/internal/conform/sum"
	"parley/internal/conform/zoo"
	"parley/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs checks of servers.
func run(t *testing.T, opts conform.Options) *conform.Report {
	t.Helper()
	checks, err := conform.Select(sum.ServerChecks(), &opts)
	if err != nil {
		t.Fatal(err)
	}
	report, err := conform.Run(t.Context(), conform.SumServer, checks, opts)
	if err != nil || report.Broken != "" {
		t.Fatal(err, report.Broken)
	}
	return report
}

func ofZoo(t *testing.T, name string) (address string) {
	t.Helper()
	m, err := zoo.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	server, err := m.Start(t.Context(), "127.0.0.1:0", zoo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server.Address
}

// Our own server passes in both dialects, without a remark.
//
// Rules: S-1, S-2, S-3, S-4
func TestParleyPasses(t *testing.T) {
	opts := server.Defaults()
	opts.Web = server.Off
	opts.Listen, opts.Sum = "127.0.0.1:0", "127.0.0.1:0"
	s, err := server.Listen(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(s.Close)
	addrs := s.Addrs()
	address := addrs[slices.IndexFunc(addrs, func(a server.Addr) bool { return a.Service == "sum" })].Addr.String()
	for _, dialect := range []conform.Dialect{conform.DialectCourse, conform.DialectParley} {
		for _, r := range run(t, conform.Options{Address: address, Dialect: dialect}).Results {
			if r.Status != conform.Passed {
				t.Errorf("%s: %s %s, %s: %s; expected %s", dialect, r.Check.ID, r.Status, r.Kind, r.Message, r.Expected)
			}
		}
	}
}

// What the assignment leaves open is a remark in its dialect, which says what
// the server does; a sum that is wrong is a failure in any.
func TestCourse(t *testing.T) {
	for _, test := range []struct {
		mistake, check string
		want           conform.Status
		says           string
	}{
		{"sum-takes-zero", "sum-error-zero", conform.Remark, `"0+1"`},
		{"sum-overlooks-what-follows", "sum-error-signs-and-spaces", conform.Remark, `"1+2 "`},
		{"sum-runs-the-unfinished", "sum-unfinished", conform.Remark, "20+22"},
		{"sum-overflows-at-32-bits", "sum-large-numbers", conform.Failed, "-2147483648"},
		{"correct-sum-server", "sum-large-numbers", conform.Passed, ""},
		{"correct-sum-server", "sum-error-zero", conform.Passed, ""},
	} {
		t.Run(test.mistake+" "+test.check, func(t *testing.T) {
			t.Parallel()
			report := run(t, conform.Options{Address: ofZoo(t, test.mistake), Only: []string{test.check}})
			r := report.Results[len(report.Results)-1]
			if r.Check.ID != test.check || r.Status != test.want || !strings.Contains(r.Message, test.says) {
				t.Errorf("%s %s: %s; want %s, with %s", r.Check.ID, r.Status, r.Message, test.want, test.says)
			}
		})
	}
}

// Where the bytes show what a server does, the report says it in words.
func TestCauses(t *testing.T) {
	for _, test := range []struct{ mistake, check, cause string }{
		{"sum-adds-before-the-end", "sum-cut", "answered 15: it added 12+3, the part before the cut"},
		{"sum-one-read-one-request", "sum-cut", "answered 15: it added 12+3, the part before the cut"},
		{"sum-one-read-one-request", "sum-two-in-one-segment", `it took "12+3\n40+2\n", all that one read brought, for one request`},
		{"sum-forgets-the-second", "sum-two-in-one-segment", "it answered the first 1 of 2 requests"},
		{"sum-overflows-at-32-bits", "sum-large-numbers", "it counts in 32 bits"},
		{"sum-adds-in-floating-point", "sum-large-numbers", "it adds floating-point numbers"},
		{"sum-counts-in-octal", "sum-leading-zeros", "octal"},
		{"sum-keeps-the-cr", "sum-crlf", "it took the CR for a part of the number"},
		{"sum-writes-two-newlines", "sum-line-end", "it writes two newlines"},
		{"sum-shouts-errors", "sum-error", "in small letters"},
		{"sum-evaluates", "sum-error-code", "eval()"},
		{"sum-one-client-at-a-time", "sum-several-clients", "one client at a time"},
	} {
		t.Run(test.mistake+" "+test.check, func(t *testing.T) {
			t.Parallel()
			for _, r := range run(t, conform.Options{Address: ofZoo(t, test.mistake), Only: []string{test.check}}).Results {
				if r.Check.ID == test.check && !strings.Contains(r.Cause, test.cause) {
					t.Errorf("%s: the cause is %q, want %q in it", r.Status, r.Cause, test.cause)
				}
			}
		})
	}
}
