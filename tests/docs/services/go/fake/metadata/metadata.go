// Package metadata has those functions of google.golang.org/grpc/metadata that an interceptor calls.
package metadata

import (
	"context"
	"strings"
)

type direction bool

// Arriving makes a context of a call with metadata.
func Arriving(ctx context.Context, pairs ...string) context.Context {
	return context.WithValue(ctx, direction(true), pairs)
}

// AppendToOutgoingContext is that of the library.
func AppendToOutgoingContext(ctx context.Context, pairs ...string) context.Context {
	return context.WithValue(ctx, direction(false), pairs)
}

// ValueFromIncomingContext is that of the library.
func ValueFromIncomingContext(ctx context.Context, name string) []string { return of(ctx, true, name) }

// Leaving returns what a call takes along.
func Leaving(ctx context.Context, name string) []string { return of(ctx, false, name) }

func of(ctx context.Context, way direction, name string) []string {
	pairs, _ := ctx.Value(way).([]string)
	for at := 0; at+1 < len(pairs); at += 2 {
		if strings.EqualFold(pairs[at], name) {
			return pairs[at+1 : at+2]
		}
	}
	return nil
}
