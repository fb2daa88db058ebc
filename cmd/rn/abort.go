package main

// #include <signal.h>
// #include <string.h>
// #include <unistd.h>
//
// static const char abortLine[] =
//	"rn: XLA has aborted; a reason is above, most often that memory ran out: try a smaller batch or smaller images\n";
//
// static void exitOnAbort(int number) {
//	(void)!write(STDERR_FILENO, abortLine, sizeof abortLine - 1);
//	_exit(1);
// }
//
// static int handleAbort(void) {
//	struct sigaction action;
//	memset(&action, 0, sizeof action);
//	action.sa_handler = exitOnAbort;
//	action.sa_flags = SA_ONSTACK;
//	return sigaction(SIGABRT, &action, NULL);
// }
import "C"

// endAbortsInALine makes an abort of XLA's library, such as that of C++ without
// memory, end the process with a line and [exitFailed]. Package runtime would print
// the stack of every goroutine and exit with 2, the code of wrong use.
//
// The same end of package runtime remains where Go's own heap gets no memory: nothing
// can change it.
func endAbortsInALine() { C.handleAbort() }
