package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"parley/internal/history"
	"parley/internal/hub"
)

// oldestNATS is the first version that can give a key a time to live.
var oldestNATS = [2]int{2, 11}

const (
	// joinTime is how long joining may take, catching up left out.
	joinTime = 10 * time.Second
	// farewell is how long giving back the lease may take: P-73 bounds a stop.
	farewell = time.Second
	// rejoinPause is the time between two attempts to join again.
	rejoinPause = time.Second
	// seenTwice is how long NATS knows the ID of a block, so that a second
	// attempt is no second message.
	seenTwice = time.Minute
	// baseField is where the stream says what its IDs begin with.
	baseField = "parley-first-id"
)

// connect dials NATS. The library dials again by itself when the connection is
// lost; what is under way is not sent a second time behind our back.
func (r *Room) connect() (err error) {
	opts := []nats.Option{
		nats.Name("parley node " + r.opts.Node),
		nats.Timeout(attempt),
		nats.MaxReconnects(-1), nats.ReconnectWait(rejoinPause / 4), nats.ReconnectBufSize(-1),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { signal(r.lost) }),
		nats.ReconnectHandler(func(*nats.Conn) { signal(r.back) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			r.opts.Log.Warn("NATS reports", "error", err)
		}),
	}
	if r.opts.Credentials != "" {
		opts = append(opts, nats.UserCredentials(r.opts.Credentials))
	}
	if r.opts.CA != "" {
		opts = append(opts, nats.RootCAs(r.opts.CA))
	}
	if r.nats, err = nats.Connect(r.opts.URLs, opts...); err != nil {
		return err
	}
	if err := checkVersion(r.nats.ConnectedServerVersion()); err != nil {
		r.nats.Close()
		return err
	}
	if most := r.nats.MaxPayload(); int64(r.opts.MaxBlock) > most {
		r.nats.Close()
		return fmt.Errorf("its max_payload is %d bytes, and blocks of messages have up to %d: raise it, or lower --max-line",
			most, r.opts.MaxBlock)
	}
	r.js, err = jetstream.New(r.nats)
	return err
}

// signal says that something has happened to whoever looks; one is enough.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// checkVersion refuses a server that does not know times to live.
func checkVersion(version string) error {
	var major, minor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("its version %q cannot be read", version)
	}
	if major < oldestNATS[0] || major == oldestNATS[0] && minor < oldestNATS[1] {
		return fmt.Errorf("nats-server is %s, and %d.%d is the oldest that will do: names need a time to live; use a newer one",
			version, oldestNATS[0], oldestNATS[1])
	}
	return nil
}

// keep holds the node together with the others: whenever the link ends it makes
// another. It is the keeper of the link, and ends with ctx.
func (r *Room) keep(ctx context.Context, l *link) {
	for ctx.Err() == nil {
		if l != nil {
			r.watch(ctx, l)
			r.part(l)
		}
		select {
		case <-ctx.Done():
		case <-r.back:
		case <-time.After(rejoinPause):
		}
		if ctx.Err() != nil {
			return
		}
		var err error
		if l, err = r.join(ctx); err != nil {
			r.opts.Log.Debug("could not join the cluster again", "error", err)
			continue
		}
		r.opts.Log.Info("together with the other nodes again", "cluster", r.opts.Name)
	}
}

// watch waits until the link ends. It ends it when no NATS server can be reached
// for too long, and in order when the room is closed.
func (r *Room) watch(ctx context.Context, l *link) {
	gone := time.NewTimer(r.opts.Grace)
	gone.Stop()
	for {
		select {
		case <-r.lost:
			gone.Reset(r.opts.Grace)
		case <-r.back:
			if r.nats.IsConnected() { // else this is of an earlier time
				gone.Stop()
			}
		case <-gone.C:
			if !r.nats.IsConnected() {
				l.fail(errors.New("no NATS server can be reached"))
			}
		case <-l.ctx.Done():
			return
		case <-ctx.Done():
			l.giveBack()
			l.fail(errors.New("the server stops"))
			return
		}
	}
}

// giveBack gives the lease back, so that our names are free at once. Nobody waits
// long for that: without it the lease runs out.
func (l *link) giveBack() {
	ctx, cancel := context.WithTimeout(l.ctx, farewell)
	defer cancel()
	_ = l.bucket.Delete(ctx, l.room.self.lease())
}

// part goes on apart.
func (r *Room) part(l *link) {
	cause := context.Cause(l.ctx)
	r.mu.Lock()
	r.link, r.apart = nil, cause
	r.mu.Unlock()
	r.Stats.Partings.Add(1)
	r.opts.Log.Warn("apart from the other nodes: a chat of our own members alone", "cause", cause)
	l.running.Wait() // it can take seconds, with requests under way that nobody answers
}

// join makes a link. From its end on the room is together with the others: every
// member of ours has its name in the bucket, or has been told that it is lost.
func (r *Room) join(ctx context.Context) (*link, error) {
	l := &link{room: r, sweep: make(chan struct{}, 1)}
	l.ctx, l.fail = context.WithCancelCause(context.Background())
	stop := context.AfterFunc(ctx, func() { l.fail(ctx.Err()) })
	defer stop()
	if err := l.begin(ctx); err != nil {
		l.fail(err)
		l.running.Wait()
		return nil, err
	}
	l.running.Go(l.refresh)
	l.running.Go(l.fetchNumbers)
	l.running.Go(l.clear)
	l.running.Go(l.clearOwn)
	return l, nil
}

func (l *link) begin(ctx context.Context) error {
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if err := l.catchUp(); err != nil {
		return err
	}
	return l.enter()
}

// prepare is all of joining that takes a bounded time.
func (l *link) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	if err := l.patiently(ctx, l.open); err != nil {
		return err
	}
	return l.attend(ctx)
}

// patiently tries something again while NATS has nobody to lead it: its servers,
// when they have just been started, or have lost one, do not answer such requests.
func (l *link) patiently(ctx context.Context, try func(ctx context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, attempt)
		err := try(attempt)
		cancel()
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			return errors.New("it has no JetStream: start nats-server with -js")
		case !mayPass(err):
			return err
		}
		select {
		case <-time.After(maxPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: have its servers a majority, and JetStream?", err)
		}
	}
}

// mayPass reports whether an error is of a time without a leader.
func mayPass(err error) bool {
	const noPeers, notAvailable = 10005, 10008
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.ErrorCode == noPeers || api.ErrorCode == notAvailable
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// catchUp waits until our members have heard what was said while they were apart.
func (l *link) catchUp() error {
	for {
		before := l.room.heard.now()
		state, err := l.state()
		if err != nil {
			return context.Cause(l.ctx)
		}
		if l.room.heard.now() >= state.LastSeq {
			return nil
		}
		ctx, cancel := context.WithTimeout(l.ctx, joinTime)
		err = l.room.heard.await(ctx, state.LastSeq)
		cancel()
		if err != nil && l.room.heard.now() == before {
			return errors.New("the stream does not bring what it has")
		}
	}
}

// open finds the stream and the bucket, or makes them.
func (l *link) open(ctx context.Context) (err error) {
	r := l.room
	l.bucket, err = r.js.KeyValue(ctx, r.opts.bucket())
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		l.bucket, err = r.js.CreateKeyValue(ctx, l.bucketConfig())
	}
	if err != nil {
		return fmt.Errorf("the bucket %s: %w", r.opts.bucket(), err)
	}
	l.stream, err = r.js.Stream(ctx, r.opts.stream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		l.stream, err = l.makeStream(ctx)
	}
	if err != nil {
		return fmt.Errorf("the stream %s: %w", r.opts.stream(), err)
	}
	if err := l.setLimits(ctx); err != nil {
		return fmt.Errorf("other limits for %s: %w", r.opts.stream(), err)
	}
	return l.setBase()
}

// setLimits gives the stream and the bucket what our options say, where that was
// something else: the node that was started last is right.
func (l *link) setLimits(ctx context.Context) (err error) {
	opts := &l.room.opts
	config := l.stream.CachedInfo().Config
	was := config
	config.MaxMsgs, config.MaxAge, config.Replicas = keepMessages(opts.Keep), opts.Keep.For, opts.Replicas
	if was.MaxMsgs == config.MaxMsgs && was.MaxAge == config.MaxAge && was.Replicas == config.Replicas {
		return nil
	}
	opts.Log.Info("the stream gets other limits", "stream", config.Name,
		"messages", config.MaxMsgs, "age", config.MaxAge, "replicas", config.Replicas)
	if l.stream, err = l.room.js.UpdateStream(ctx, config); err != nil || was.Replicas == config.Replicas {
		return err
	}
	_, err = l.room.js.UpdateKeyValue(ctx, l.bucketConfig())
	return err
}

func (l *link) bucketConfig() jetstream.KeyValueConfig {
	opts := &l.room.opts
	return jetstream.KeyValueConfig{
		Bucket: opts.bucket(), Description: "who is present in the parley cluster " + opts.Name,
		LimitMarkerTTL: tombstone, Replicas: opts.Replicas,
	}
}

// makeStream makes the stream, unless another node is faster.
func (l *link) makeStream(ctx context.Context) (jetstream.Stream, error) {
	r := l.room
	first := max(time.Now().UnixMicro(), r.said.Newest()+1)
	s, err := r.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: r.opts.stream(), Description: "what is said in the parley cluster " + r.opts.Name,
		Subjects: []string{r.opts.sayings()},
		MaxMsgs:  keepMessages(r.opts.Keep), MaxAge: r.opts.Keep.For,
		Duplicates: seenTwice, Replicas: r.opts.Replicas,
		Metadata: map[string]string{baseField: strconv.FormatInt(first, 10)},
	})
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return r.js.Stream(ctx, r.opts.stream())
	}
	return s, err
}

func keepMessages(keep history.Keep) int64 {
	if keep.Lines == 0 {
		return -1
	}
	return int64(keep.Lines)
}

// setBase takes the IDs of this stream. If it is another one than before, what it
// has is new to us from its beginning.
func (l *link) setBase() error {
	r := l.room
	info := l.stream.CachedInfo()
	base, err := strconv.ParseInt(info.Config.Metadata[baseField], 10, 64)
	if err != nil {
		return fmt.Errorf("the stream %s was not made by parley: give --cluster-name another name", r.opts.stream())
	}
	r.order.Lock()
	defer r.order.Unlock()
	switch first := r.base == 0; {
	case first:
		l.past = info.State.LastSeq
		r.heard.reset(max(info.State.FirstSeq, 1) - 1)
		if most := uint64(r.opts.Remember); info.State.LastSeq > most {
			r.heard.reach(info.State.LastSeq - most)
		}
	case r.base != base:
		r.opts.Log.Warn("the stream is another one than before", "stream", r.opts.stream())
		r.heard.reset(0)
	case r.heard.now() > info.State.LastSeq:
		r.opts.Log.Error("NATS has lost messages that it had taken", "stream", r.opts.stream(),
			"last", info.State.LastSeq, "heard", r.heard.now())
		r.heard.reset(info.State.LastSeq)
	}
	if r.base != base {
		r.said.Start(base)
	}
	r.base = base
	return nil
}

// attend begins to follow the bucket and the stream, and to take letters. When it
// returns the node knows who is present.
func (l *link) attend(ctx context.Context) error {
	r := l.room
	l.presence = newPresence(r.self, mercy, func() { signal(l.sweep) }, l.taken)
	if err := l.lease(); err != nil {
		return err
	}
	if err := l.follow(ctx, "KV_"+r.opts.bucket(), jetstream.ConsumerConfig{
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
		FilterSubjects: l.keys(),
	}, l.see); err != nil {
		return err
	}
	if l.settleNames() != nil || l.takeNumbers() != nil {
		return context.Cause(l.ctx)
	}
	for subject, handle := range map[string]nats.MsgHandler{
		r.opts.letters(r.self): l.receive,
		r.opts.asking():        l.tell,
	} {
		sub, err := r.nats.Subscribe(subject, handle)
		if err != nil {
			return err
		}
		context.AfterFunc(l.ctx, func() { _ = sub.Unsubscribe() }) // with NATS gone it is gone too
	}
	return l.attendStream(ctx)
}

func (l *link) attendStream(ctx context.Context) error {
	brought := make(chan jetstream.Msg, gathered)
	if err := l.follow(ctx, l.room.opts.stream(), jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   l.room.heard.now() + 1,
	}, func(m jetstream.Msg) {
		select {
		case brought <- m:
		case <-l.ctx.Done():
		}
	}); err != nil {
		return err
	}
	l.running.Go(func() { l.listen(brought) })
	return nil
}

// gathered is how many blocks may have come and not been said yet.
const gathered = 512

// keys are those of the bucket that concern us: names, leases, and our own fence.
func (l *link) keys() []string {
	prefix := "$KV." + l.room.opts.bucket() + "."
	return []string{prefix + "*", prefix + leasePrefix + ">", prefix + l.room.self.fence()}
}

// see takes in one change of the bucket.
func (l *link) see(m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return
	}
	header := m.Headers()
	reason := header.Get(jetstream.MarkerReasonHeader)
	l.presence.apply(change{
		key:      m.Subject()[len("$KV.")+len(l.room.opts.bucket())+1:],
		value:    m.Data(),
		gone:     reason != "" || header.Get("KV-Operation") != "",
		expired:  reason == "MaxAge",
		revision: meta.Sequence.Stream,
	})
}

// taken ends the link if a name is gone that a member of ours has: the node stood
// still for longer than its lease, and to the others it was dead. The next link
// claims all names again, and tells those who have lost theirs.
func (l *link) taken(e entry) {
	if l.room.relies(e) {
		l.fail(errors.New("our names were free for others: the lease had run out"))
	}
}

// relies reports whether a member of ours has a name by what was claimed then. Who
// gives a name up does not rely on it any more by the time it is given back.
func (r *Room) relies(e entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[e.Conn]
	return c != nil && c.name == e.name && c.revision == e.revision
}

// enter claims the names of all our members, and makes the link the room's.
func (l *link) enter() error {
	r := l.room
	for {
		missing := r.unclaimed(l)
		if len(missing) == 0 {
			r.forgetApart()
			return nil
		}
		var claims errgroup.Group
		claims.SetLimit(claimsAtOnce)
		for _, c := range missing {
			claims.Go(func() error { return l.claimAgain(c) })
		}
		if claims.Wait() != nil {
			return context.Cause(l.ctx)
		}
	}
}

// claimsAtOnce is how many names are claimed at a time after having been apart.
const claimsAtOnce = 32

// claimAgain claims the name that a member has had since before this link.
func (l *link) claimAgain(c member) error {
	r := l.room
	revision, ours := l.presence.holds(c.name, holder{identity: r.self, Conn: c.conn})
	if !ours {
		var err error
		revision, err = l.claim(c.name, holder{r.self, c.conn, c.login, c.place})
		switch {
		case errors.Is(err, hub.ErrNameTaken):
			c.to.NameLost()
			revision = lostName
		case err != nil:
			return err
		}
	}
	r.claimed(c.conn, revision, l)
	return nil
}

// lostName stands for the revision of a name that another has by now.
const lostName = ^uint64(0)

// unclaimed returns our members whose names are not claimed in l yet. If there is
// none, l is the room's link from that moment on.
func (r *Room) unclaimed(l *link) (missing []member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.members {
		if c.through != l {
			missing = append(missing, *c)
		}
	}
	if len(missing) == 0 {
		r.link, r.apart = l, nil
	}
	return missing
}

// forgetApart forgets the blocks that were said apart after all: what the stream
// has of them has come.
func (r *Room) forgetApart() {
	r.order.Lock()
	defer r.order.Unlock()
	maps.DeleteFunc(r.ours, func(_ string, u *utterance) bool { return u.apart })
}

func (r *Room) claimed(conn, revision uint64, l *link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[conn]
	if c == nil {
		return // it has left meanwhile; its name is cleared away
	}
	c.through, c.revision = l, revision
	if revision == lostName {
		c.revision = 0
	} else if c.place == 0 {
		c.place = revision
	}
}

// clearOwn gives back names that are ours by the bucket, and that no connection of
// ours has: what an earlier link could not finish.
func (l *link) clearOwn() {
	// A member may have left while its name was claimed again, before there was a
	// link to give it back through; that claim need not have come back to us yet.
	if l.settleNames() != nil {
		return
	}
	for _, e := range l.presence.own() {
		if l.room.has(e.Conn, e.name) {
			continue
		}
		if _, err := l.purge(e.name, e.revision); errors.Is(err, errApart) {
			return
		}
	}
}

// has reports whether a connection has a name, or is on its way in.
func (r *Room) has(conn uint64, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conns[conn]
	return c != nil && (c.in == nil || c.name == name || c.claiming == name)
}
