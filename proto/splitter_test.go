package proto_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"parley/proto"
)

// split feeds a stream in chunks of the given size and returns what comes out,
// a line too long as "!".
func split(stream string, limit, size int) []string {
	s := proto.NewSplitter(limit)
	var lines []string
	for len(stream) > 0 {
		n := min(size, len(stream))
		chunk := []byte(stream[:n])
		stream = stream[n:]
		s.Feed(chunk)
		for {
			line, ok, err := s.Next()
			if !ok {
				break
			}
			if err != nil {
				line = []byte("!")
			}
			lines = append(lines, string(line))
		}
		clear(chunk) // what was kept must have been copied
	}
	return lines
}

// Rules: P-2, P-3, P-5, P-6, P-7, P-8
func TestSplitter(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []string
	}{
		{"lines", "a\nbc\n", []string{"a", "bc"}},
		{"empty lines", "\n\na\n", []string{"", "", "a"}},
		{"CR before LF", "a\r\n\r\n", []string{"a", ""}},
		{"only one CR", "a\r\r\n", []string{"a\r"}},
		{"lone CR", "a\rb\n", []string{"a\rb"}},
		{"unfinished", "a\nb", []string{"a"}},
		{"at the limit", "12345678\nx\n", []string{"12345678", "x"}},
		{"over the limit", "123456789\nx\n", []string{"!", "x"}},
		{"CR counts", "12345678\r\nx\n", []string{"!", "x"}},
		{"far over", strings.Repeat("y", 50) + "\nx\n", []string{"!", "x"}},
		{"over, no end", strings.Repeat("y", 50), []string{"!"}},
		{"two over", "123456789\n123456789\nx\n", []string{"!", "!", "x"}},
		{"empty after over", "123456789\n\nx\n", []string{"!", "", "x"}},
	} {
		for size := 1; size <= len(c.stream); size++ {
			if got := split(c.stream, 8, size); !equal(got, c.want) {
				t.Errorf("%s, in pieces of %d: %q, want %q", c.name, size, got, c.want)
			}
		}
	}
}

// drain takes all lines there are.
func drain(s *proto.Splitter) {
	for ok := true; ok; {
		_, ok, _ = s.Next()
	}
}

func equal(a, b []string) bool {
	return strings.Join(a, "\n") == strings.Join(b, "\n") && len(a) == len(b)
}

// Rules: P-8
func TestTooLongIsToldBeforeItsEnd(t *testing.T) {
	s := proto.NewSplitter(4)
	s.Feed([]byte("12345"))
	if _, ok, err := s.Next(); !ok || !errors.Is(err, proto.ErrLineTooLong) {
		t.Errorf("one byte past the limit: ok %v, error %v", ok, err)
	}
	if _, ok, _ := s.Next(); ok {
		t.Error("the same line was told of twice")
	}
}

// Rules: P-17
func TestRefusedTellsHowTheLineEnded(t *testing.T) {
	stream := "GET / HTTP/1.1\r\n"
	for size := 1; size <= len(stream); size++ {
		s := proto.NewSplitter(8)
		for rest := stream; rest != ""; {
			n := min(size, len(rest))
			s.Feed([]byte(rest[:n]))
			rest = rest[n:]
			drain(&s)
			if end := s.Refused(); end != nil && rest != "" {
				t.Fatalf("in pieces of %d: ended as %q with %q to come", size, end, rest)
			}
		}
		if end := s.Refused(); !proto.EndsAsHTTP(end) {
			t.Fatalf("in pieces of %d: end %q", size, end)
		}
	}
}

// Rules: P-17
func TestEndsAsHTTP(t *testing.T) {
	for end, want := range map[string]bool{
		"GET / HTTP/1.1": true, "x HTTP/1.0": true, "GET / HTTP/1.1 \x01\x00": true, " HTTP/1.1": true,
		"HTTP/1.1": false, "GET / HTTP/1.1x": false, "GET / HTTP/2": false, "": false,
	} {
		if got := proto.EndsAsHTTP([]byte(end)); got != want {
			t.Errorf("%q: %v, want %v", end, got, want)
		}
	}
}

// However a stream is cut, it is the same lines, and they are those that a
// simple-minded reading gives.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a\r\nb\n"), 1)
	f.Add([]byte("123456789\nx\n\n"), 3)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		const limit = 8
		size = max(1, min(size, 64))
		got := split(string(stream), limit, size)
		var want []string
		pieces := strings.Split(string(stream), "\n")
		for i, p := range pieces {
			switch {
			case len(p) > limit:
				want = append(want, "!")
			case i < len(pieces)-1:
				want = append(want, strings.TrimSuffix(p, "\r"))
			}
		}
		if !equal(got, want) {
			t.Errorf("%q in pieces of %d: %q, want %q", stream, size, got, want)
		}
	})
}

// Rules: P-2, P-7, P-8
func TestReader(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []string
		end          error
	}{
		{"whole lines", "a\nb\r\n", []string{"a", "b"}, io.EOF},
		{"nothing", "", nil, io.EOF},
		{"ends in a line", "a\nb", []string{"a"}, io.ErrUnexpectedEOF},
		{"ends in a refused line", "123456789", []string{"!"}, io.ErrUnexpectedEOF},
		{"goes on after", "123456789\nb\n", []string{"!", "b"}, io.EOF},
	} {
		for kind, src := range map[string]io.Reader{
			"whole":   strings.NewReader(c.stream),
			"bytes":   iotest.OneByteReader(strings.NewReader(c.stream)),
			"dataEOF": iotest.DataErrReader(strings.NewReader(c.stream)),
		} {
			r := proto.NewReader(src, 8)
			var got []string
			line, err := r.ReadLine()
			for ; err == nil || errors.Is(err, proto.ErrLineTooLong); line, err = r.ReadLine() {
				if err != nil {
					line = []byte("!")
				}
				got = append(got, string(line))
			}
			if !equal(got, c.want) || !errors.Is(err, c.end) {
				t.Errorf("%s, %s: %q and %v, want %q and %v", c.name, kind, got, err, c.want, c.end)
			}
			if _, again := r.ReadLine(); !errors.Is(again, c.end) {
				t.Errorf("%s, %s: afterwards %v, want %v", c.name, kind, again, c.end)
			}
		}
	}
}

func BenchmarkSplitter(b *testing.B) {
	stream := bytes.Repeat([]byte("msg hello there, how are you all today?\n"), 100)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		s := proto.NewSplitter(proto.MaxLine)
		s.Feed(stream)
		drain(&s)
	}
}
