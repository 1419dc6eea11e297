import { expect, test } from 'vitest';
import { closureOf } from './closure.ts';

const graph = `git
  Depends: libc6
  Depends: libcurl4
  Depends: perl
 |Depends: debconf
  Depends: <debconf-2.0>
    cdebconf
    debconf
<debconf-2.0>
libc6
  Depends: libgcc-s1
libgcc-s1
  Depends: libc6
libcurl4
  PreDepends: libssl3
  Depends: libc6
libssl3
  Depends: libc6
perl
  Depends: perl-base
perl-base
debconf
cdebconf
unrelated
  Depends: git
`;

test('what is needed is followed to its end, in circles too, and what is left out is not followed', () => {
  expect(closureOf(graph, ['git'], ['perl', 'debconf', 'cdebconf'])).toEqual([
    'git',
    'libc6',
    'libcurl4',
    'libgcc-s1',
    'libssl3',
  ]);
});

test('alternatives and the providers of a virtual package are taken', () => {
  expect(closureOf(graph, ['git'], ['perl', 'libc6', 'libcurl4'])).toEqual(['cdebconf', 'debconf', 'git']);
});
