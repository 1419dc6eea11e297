/* The socket by which clients reach the runner. A name that begins with @ is not in any folder, so nobody can remove it. */
#ifndef SOCKET_H
#define SOCKET_H

/* Both: a descriptor, or -1 with errno. What was left of an earlier runner is replaced. */
int socket_listen(const char *path);
int socket_connect(const char *path);
/* Closes everything from descriptor 3 on. */
void closefrom_three(void);

#endif
