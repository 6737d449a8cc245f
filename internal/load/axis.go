package load

import "math"

// Axis maps values to a length between 0 and 1.
type Axis struct {
	Name     string
	From, To float64
	Log      bool
	Ticks    []Tick
}

// Tick is a value with a line and, if there is room, a label.
type Tick struct {
	At    float64
	Label string
}

func (a Axis) place(v float64) float64 {
	if a.Log {
		return (math.Log(max(v, a.From)) - math.Log(a.From)) / (math.Log(a.To) - math.Log(a.From))
	}
	return (v - a.From) / (a.To - a.From)
}

// Linear is an axis from 0 that holds top, with some round ticks.
func Linear(name string, top float64, label func(float64) string) Axis {
	step := roundStep(top / 5)
	a := Axis{Name: name, To: max(math.Ceil(top/step), 1) * step}
	for i := 0; float64(i)*step <= a.To*1.001; i++ {
		a.Ticks = append(a.Ticks, Tick{float64(i) * step, label(float64(i) * step)})
	}
	return a
}

// roundStep is the next of 1, 2 and 5 times a power of ten.
func roundStep(f float64) float64 {
	if f <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(f)))
	for _, m := range []float64{1, 2, 5} {
		if f <= m*power*1.001 {
			return m * power
		}
	}
	return 10 * power
}

// Logarithmic is an axis of whole powers of ten around from and to.
func Logarithmic(name string, from, to float64, label func(float64) string) Axis {
	lowest, highest := math.Floor(math.Log10(from)), math.Ceil(math.Log10(to))
	highest = max(highest, lowest+1)
	a := Axis{Name: name, From: math.Pow(10, lowest), To: math.Pow(10, highest), Log: true}
	for e := lowest; e <= highest; e++ {
		a.Ticks = append(a.Ticks, Tick{math.Pow(10, e), label(math.Pow(10, e))})
	}
	return a
}
