package transcript

import "fmt"

// open says in which directions a connection can still be used.
type open int

const (
	sending open = 1 << iota
	receiving
)

// cast is who takes part in a conversation, so that a step that nobody could
// play is found when it is read and not when it is played.
type cast struct {
	open  map[string]open // an entry for each connection there has been
	shown map[string]bool // whose given name some line has shown
}

func newCast() cast {
	return cast{open: map[string]open{}, shown: map[string]bool{}}
}

func (c cast) enter(who string) error {
	if _, known := c.open[who]; known {
		return fmt.Errorf("%s has connected already", who)
	}
	c.open[who] = sending | receiving
	return nil
}

// allow refuses a step that cannot be played where it stands, and else notes
// what it changes.
func (c cast) allow(step Step, needs open) error {
	now, known := c.open[step.Who]
	switch {
	case !known:
		return fmt.Errorf("%s has not connected", step.Who)
	case now == 0:
		return fmt.Errorf("the connection of %s has ended", step.Who)
	case needs&^now != 0:
		return fmt.Errorf("%s has half-closed and cannot send", step.Who)
	}
	if err := c.names(step); err != nil {
		return err
	}
	switch step.Action {
	case HalfClose:
		c.open[step.Who] = receiving
	case Close, Reset, EOF:
		c.open[step.Who] = 0
	default: // as it was
	}
	return nil
}

// names refuses a given name that cannot be known when the step is played:
// only the line that somebody expects can show one for the first time.
func (c cast) names(step Step) error {
	for _, text := range step.Texts {
		for who := range text.names {
			_, known := c.open[who]
			shows := step.Action == Line || step.Action == Poll
			switch {
			case !known:
				return fmt.Errorf("{%s}: %s has not connected", who, who)
			case shows:
				c.shown[who] = true
			case !c.shown[who]:
				return fmt.Errorf("{%s}: no line before has shown this name", who)
			}
		}
	}
	return nil
}
