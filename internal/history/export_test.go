package history

// Pragma is what a setting of the connection that writes is now.
func (h *History) Pragma(name string) (value string) {
	if err := h.store.write.QueryRow("PRAGMA " + name).Scan(&value); err != nil {
		return err.Error()
	}
	return value
}

// PruneEvery is for tests of the time.
const PruneEvery = pruneEvery
