package cluster_test

import (
	"context"
	"strings"
	"testing"

	"parley/internal/cluster"
)

// Nobody reads a secret where addresses are shown.
func TestAddressesAreShownWithoutSecrets(t *testing.T) {
	for _, urls := range []string{
		"nats://parley:SECRET@127.0.0.1:1", "parley:SECRET@127.0.0.1:1", "nats://SECRET@127.0.0.1:1,nats://127.0.0.1:1",
	} {
		opts := cluster.Options{URLs: urls, Name: "test"}
		if option, problem := opts.Validate(); problem != "" {
			t.Errorf("%s: %s %s", urls, option, problem)
		}
		_, err := cluster.Open(context.Background(), opts)
		if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "nats://127.0.0.1:1") {
			t.Errorf("%s: %v", urls, err)
		}
	}
	opts := cluster.Options{URLs: "nats://parley:SE CRET/@127.0.0.1:1", Name: "test"}
	if option, problem := opts.Validate(); option != "cluster" || strings.Contains(problem, "CRET") {
		t.Errorf("%s: %s", option, problem)
	}
}
