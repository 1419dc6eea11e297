import { join } from 'node:path';
import { folder, libraryFiles, link, program, type TarEntry } from '@ephemera/local-cluster/machinery';

/** One program is most of Git; this one speaks HTTP. What else Debian's package has is for servers, mail, and people at a keyboard. */
const git = 'usr/bin/git';
const transport = 'usr/lib/git-core/git-remote-http';

/** Git as far as cloning over HTTP and HTTPS needs it, with all its libraries. */
export async function gitFiles(debian: string): Promise<TarEntry[]> {
  const path = (file: string): string => join(debian, file);
  return [
    program(git, path(git)),
    folder('usr/lib'),
    folder('usr/lib/git-core'),
    program(transport, path(transport)),
    link('usr/lib/git-core/git-remote-https', 'git-remote-http'),
    // What a clone starts as a program of its own, by its path.
    link('usr/lib/git-core/git', '/usr/bin/git'),
    // Its absence would be a warning at each clone.
    folder('usr/share'),
    folder('usr/share/git-core'),
    folder('usr/share/git-core/templates'),
    ...(await libraryFiles(debian, [path(git), path(transport)])),
  ];
}
