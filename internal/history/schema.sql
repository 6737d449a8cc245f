-- What was said in public, one row for each message. Anybody may read this file with sqlite3, also while the server runs.
PRAGMA application_id = 1886610533; -- "psay"
PRAGMA user_version = 1;

CREATE TABLE message (
	id     INTEGER PRIMARY KEY, -- the ID of section X, in µs since 1970 at the start of a server
	at     INTEGER NOT NULL,    -- ms since 1970
	sender TEXT    NOT NULL,
	text   TEXT    NOT NULL
) STRICT;
CREATE INDEX message_sender ON message (sender);

-- Words of the texts. Content is taken from message, so a text is in the file once.
CREATE VIRTUAL TABLE word USING fts5 (text, content = 'message', content_rowid = 'id', tokenize = 'unicode61');
CREATE TRIGGER message_said AFTER INSERT ON message BEGIN
	INSERT INTO word (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_gone AFTER DELETE ON message BEGIN
	INSERT INTO word (word, rowid, text) VALUES ('delete', old.id, old.text);
END;

-- One row: what is true of the whole file.
CREATE TABLE state (
	only     INTEGER PRIMARY KEY CHECK (only = 1),
	newest   INTEGER NOT NULL, -- the newest ID that was ever in the file
	at       INTEGER NOT NULL, -- its time
	lost     INTEGER NOT NULL, -- whoever has seen no later ID may have missed some (X-7)
	erasures INTEGER NOT NULL  -- how often an operator has erased: a server that runs looks at it
) STRICT;
