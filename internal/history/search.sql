-- ?1 what is to match, ?2 the newest ID, ?3 how many are ranked, ?4 how many are wanted
SELECT id, at, sender, message.text
FROM (
	SELECT rowid AS found, rank AS place
	FROM word
	WHERE word MATCH ?1 AND rowid <= ?2 AND rowid >= (
		SELECT min(rowid) FROM (SELECT rowid FROM word WHERE word MATCH ?1 AND rowid <= ?2 ORDER BY rowid DESC LIMIT ?3)
	)
	ORDER BY rank, rowid DESC
	LIMIT ?4
)
JOIN message ON id = found
ORDER BY place, id DESC
