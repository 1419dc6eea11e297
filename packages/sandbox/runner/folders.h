/* Folders that have to be there before anything can be done. */
#ifndef FOLDERS_H
#define FOLDERS_H

/* Makes what is missing on the way to an absolute path, and the last one too, as far as that is possible. */
void make_folders(const char *path);
/* The same for the folder that a file is in. */
void make_folders_for(const char *path);

#endif
