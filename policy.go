package assignment

// Policy is what a store enforces. The zero value is the default lifecycle.
type Policy struct {
	Lifecycle Lifecycle // which statuses hold the slot. Default: [DefaultLifecycle]
}

// Equal reports whether both enforce the same rules.
func (p Policy) Equal(other Policy) bool { return p.Lifecycle.Equal(other.Lifecycle) }
