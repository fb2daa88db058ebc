package platform

import "sync"

// opening is held while a plugin is opened: go-xla's table of plugins does not have a lock of its own.
var opening sync.Mutex
