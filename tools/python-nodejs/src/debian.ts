import {
  folder,
  link,
  text,
  trustedAuthorities,
  type DebianPackages,
  type TarEntry,
} from '@ephemera/local-cluster/machinery';
import { mergedLinks, mergedPath, treeFiles } from './tree.ts';

/** What programs of a CI run expect of a Linux, and what they need. */
const wanted = 'bash dash coreutils findutils grep sed mawk diffutils procps tar gzip git python3 libstdc++6';
/** What packages need while they are being installed. */
const installers = 'base-files debconf cdebconf debianutils dpkg init-system-helpers install-info openssl';
/** The other choices where any awk, any login daemon, and any way to merge /usr will do. */
const otherChoices = 'gawk original-awk libelogind0 usrmerge usr-is-merged';
/** Git's commands in Perl, its manuals, and what tells types of mail. */
const unused = 'perl liberror-perl git-man media-types mailcap mime-support';

export const packages: DebianPackages = {
  withDependencies: wanted.split(' '),
  alone: ['ca-certificates'],
  leftOut: [installers, otherChoices, unused].flatMap((names) => names.split(' ')),
};

/** Manuals, translations and settings that nothing at run time reads; the certificates are in one file instead. */
const unread =
  'doc doc-base man info locale lintian bug menu applications pixmaps gdb bash-completion ca-certificates gitweb perl5'
    .split(' ')
    .map((name) => `usr/share/${name}`);

/** The files of the packages in the places where Debian has them, and what only an installation would make. */
export function debianFiles(unpacked: string): TarEntry[] {
  return [
    ...treeFiles(unpacked, { leftOut: (path) => unread.includes(path), placed: mergedPath }).filter(
      ({ path }) => !mergedLinks.some((merged) => merged.path === path),
    ),
    ...mergedLinks,
    link('usr/bin/awk', 'mawk'),
    link('usr/bin/sh', 'dash'),
    link('usr/bin/python', 'python3'),
    ...trustedAuthorities(unpacked),
    text('etc/passwd', `${users.map(([name, id, home]) => `${name}:x:${id}:${id}::${home}:/bin/bash`).join('\n')}\n`),
    text('etc/group', `${users.map(([name, id]) => `${name}:x:${id}:`).join('\n')}\n`),
    ...['home', 'home/pn', 'root', 'run', 'usr/local', 'usr/local/bin', 'var', 'var/lib'].map((path) => folder(path)),
    ...['tmp', 'var/tmp'].map((path) => folder(path, 0o1777)),
  ];
}

/** `pn` is the user of the public image. */
const users = [
  ['root', 0, '/root'],
  ['pn', 1000, '/home/pn'],
  ['nobody', 65534, '/nonexistent'],
] as const;
