/*
 * The process that holds a pod's namespaces open. It sleeps, ends when told
 * to, and reaps what is orphaned where the pod shares its PID namespace.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) {
	(void)signal;
	_exit(0);
}

static void reap(int signal) {
	(void)signal;
	while (waitpid(-1, 0, WNOHANG) > 0)
		;
}

int main(void) {
	struct sigaction action = {0};

	action.sa_handler = end;
	if (sigaction(SIGINT, &action, 0) || sigaction(SIGTERM, &action, 0))
		return 1;
	action.sa_handler = reap;
	action.sa_flags = SA_NOCLDSTOP | SA_RESTART;
	if (sigaction(SIGCHLD, &action, 0))
		return 1;
	for (;;)
		pause();
}
