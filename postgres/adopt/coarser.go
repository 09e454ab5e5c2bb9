package adopt

import (
	"fmt"

	"github.com/assignment-go/assignment/postgres/internal/sqltext"
	"github.com/assignment-go/assignment/postgres/schema"
)

// coarser reports a unique index of the host's that distinguishes rows which are
// one slot to the mapping, unless the options say that this is intended. Such rows
// would look like duplicates although they are valid to their owner.
func (t *table) coarser() (finding Finding, found bool) {
	finer, found := t.Finer()
	if !found || t.settings.CoarserThanIndex {
		return Finding{}, false
	}
	return Finding{
		Kind: KindCoarser, Remedy: ByOperator, problem: finer.Problem,
		Detail: fmt.Sprintf("unique index %s distinguishes rows by %s that are one slot to the mapping, so valid rows would look like "+
			"duplicates: nothing is retired, built or dropped. Map %[2]s as part of the key if it is one. Set "+
			"Options.CoarserThanIndex if the configured key is to replace that of the index",
			sqltext.Quote(finer.Index.Name), sqltext.Columns(finer.Distinguishes...)),
	}, true
}

// repairable rejects a table in which a repair could change the wrong rows: IDs are
// not unique, or the mapping contradicts a unique index.
func (t *table) repairable() error {
	if finding, found := t.coarser(); found {
		return t.settings.unguarded(finding.guardFinding())
	}
	for _, f := range t.Findings {
		if f.Problem == schema.GuardNoPrimaryKey {
			f.Detail += "; and a repair could change the wrong row"
			return t.settings.unguarded(f)
		}
	}
	return nil
}
