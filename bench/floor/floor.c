/* floor: the least that a line chat server can do, to measure ours beside.
 *
 *     gcc -O2 -o build/floor bench/floor/floor.c && build/floor PORT
 *
 * One thread, one epoll set, no limits, no checks: whoever does less does not
 * chat. It knows help, login, users and msg, looks for nothing but line ends,
 * and copies what is said into the buffer of everybody else. What has gathered
 * for a connection in one turn of the loop goes out in one system call. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MAX_PEERS = 1 << 16, MAX_EVENTS = 512, READ = 64 << 10, KEEP = 4096 };

typedef struct {
	char *bytes;
	size_t len, cap;
} buffer;

typedef struct {
	int fd, place;      /* place in peers[] */
	int queued;         /* stands in turn[] */
	int blocked;        /* waits for EPOLLOUT */
	buffer in, out;     /* the start of a line; what waits to be sent */
	char name[40];
} peer;

static peer *peers[MAX_PEERS], *turn[MAX_PEERS];
static int npeers, nturn, epfd;
static buffer users; /* the answer to users, until somebody comes, goes or takes a name */

static void fail(const char *what) {
	perror(what);
	exit(1);
}

static void add(buffer *b, const char *bytes, size_t n) {
	if (b->len + n > b->cap) {
		b->cap = 2 * (b->len + n);
		if (!(b->bytes = realloc(b->bytes, b->cap))) fail("realloc");
	}
	memcpy(b->bytes + b->len, bytes, n);
	b->len += n;
}

/* take removes the first n bytes; a large buffer that is empty is given back. */
static void take(buffer *b, size_t n) {
	b->len -= n;
	if (b->len) {
		memmove(b->bytes, b->bytes + n, b->len);
	} else if (b->cap > KEEP) {
		free(b->bytes);
		*b = (buffer){0};
	}
}

static void queue(peer *p, const char *bytes, size_t n) {
	add(&p->out, bytes, n);
	if (!p->queued) {
		p->queued = 1;
		turn[nturn++] = p;
	}
}

static void listen_for(peer *p, int blocked) {
	if (p->blocked == blocked) return;
	p->blocked = blocked;
	struct epoll_event ev = {.events = EPOLLIN | (blocked ? EPOLLOUT : 0), .data.ptr = p};
	epoll_ctl(epfd, EPOLL_CTL_MOD, p->fd, &ev);
}

static void flush(peer *p) {
	if (p->out.len) {
		ssize_t n = send(p->fd, p->out.bytes, p->out.len, MSG_NOSIGNAL);
		if (n > 0) take(&p->out, n);
	}
	listen_for(p, p->out.len > 0);
}

static void say(peer *from, const char *text, size_t n) { /* text ends in LF */
	static char line[READ + 64];
	size_t len = sprintf(line, "msg %s ", from->name);
	memcpy(line + len, text, n);
	for (int i = 0; i < npeers; i++)
		if (peers[i] != from) queue(peers[i], line, len + n);
	queue(from, line, sprintf(line, "msgok %d\n", npeers - 1));
}

static void list(peer *asker) {
	if (!users.len) {
		add(&users, "users", 5);
		for (int i = 0; i < npeers; i++) {
			add(&users, " ", 1);
			add(&users, peers[i]->name, strlen(peers[i]->name));
		}
		add(&users, "\n", 1);
	}
	queue(asker, users.bytes, users.len);
}

static void handle(peer *p, const char *line, size_t n) { /* n counts the LF */
	static const char help[] = "supported login msg users help\n", ok[] = "loginok\n",
			  unknown[] = "cmderr command not supported\n";
	if (n > 4 && !memcmp(line, "msg ", 4)) {
		say(p, line + 4, n - 4);
	} else if (n > 6 && !memcmp(line, "login ", 6)) {
		snprintf(p->name, sizeof p->name, "%.*s", (int)n - 7, line + 6);
		users.len = 0;
		queue(p, ok, sizeof ok - 1);
	} else if (n == 5 && !memcmp(line, "help", 4)) {
		queue(p, help, sizeof help - 1);
	} else if (n == 6 && !memcmp(line, "users", 5)) {
		list(p);
	} else {
		queue(p, unknown, sizeof unknown - 1);
	}
}

static void leave(peer *p) {
	peers[p->place] = peers[--npeers];
	peers[p->place]->place = p->place;
	users.len = 0;
	for (int i = 0; p->queued && i < nturn; i++)
		if (turn[i] == p) turn[i] = turn[--nturn];
	close(p->fd);
	free(p->in.bytes);
	free(p->out.bytes);
	free(p);
}

/* hear reads once and handles whole lines, from the read buffer itself if no
 * line has begun before. It reports whether the peer is still there. */
static int hear(peer *p) {
	static char chunk[READ];
	ssize_t n = recv(p->fd, chunk, sizeof chunk, 0);
	if (n < 0 && errno == EAGAIN) return 1;
	if (n <= 0) return 0;
	char *at = chunk;
	size_t left = n, used = 0;
	if (p->in.len) {
		add(&p->in, chunk, n);
		at = p->in.bytes;
		left = p->in.len;
	}
	for (char *lf; (lf = memchr(at + used, '\n', left - used)); used = lf + 1 - at)
		handle(p, at + used, lf + 1 - (at + used));
	if (p->in.len)
		take(&p->in, used);
	else if (used < left)
		add(&p->in, at + used, left - used);
	return 1;
}

static void welcome(int listener) {
	for (int fd, on = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
		peer *p = npeers < MAX_PEERS ? calloc(1, sizeof *p) : NULL;
		if (!p) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		p->fd = fd;
		p->place = npeers;
		snprintf(p->name, sizeof p->name, "Anonymous");
		peers[npeers++] = p;
		users.len = 0;
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = p};
		epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
	}
}

int main(int argc, char **argv) {
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);

	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_port = htons(argc > 1 ? atoi(argv[1]) : 1300),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(listener, (struct sockaddr *)&here, sizeof here)) fail("bind");
	if (listen(listener, 4096)) fail("listen");

	epfd = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN}, events[MAX_EVENTS];
	epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev);
	for (;;) {
		int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
		for (int i = 0; i < n; i++) {
			peer *p = events[i].data.ptr;
			if (!p) {
				welcome(listener);
				continue;
			}
			if (events[i].events & EPOLLOUT) flush(p);
			if (events[i].events & ~EPOLLOUT && !hear(p)) leave(p);
		}
		for (int i = 0; i < nturn; i++) {
			turn[i]->queued = 0;
			if (!turn[i]->blocked) flush(turn[i]);
		}
		nturn = 0;
	}
}
