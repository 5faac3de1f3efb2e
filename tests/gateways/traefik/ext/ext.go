// Package ext stands for the module of the same path, which Traefik replaces by a folder that its own module leaves out.
package ext

// HTTP is where another edition of Traefik adds to the HTTP configuration.
type HTTP struct{}

// Router is where another edition of Traefik adds to a router.
type Router struct{}
