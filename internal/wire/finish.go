package wire

import "time"

// Finish ends the connection in order (P-15): the end of our stream, then what
// still comes is read and dropped for up to a second or until the peer ends its
// side, then the rest. It is called by the reading goroutine, when nobody
// writes any more.
func (c *Conn) Finish() {
	defer c.Close()
	if c.eof {
		return // everything is read: closing sends no reset
	}
	half, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.stream.release()
	if c.nc.SetReadDeadline(time.Now().Add(linger)) != nil {
		return
	}
	for {
		if _, err := c.stream.read(); err != nil {
			return
		}
		c.stream.release()
	}
}

// Close ends the connection at once. Any goroutine may call it, more than once.
func (c *Conn) Close() { _ = c.nc.Close() } // there is nobody left to tell
