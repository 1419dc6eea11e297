import { expect, test } from 'vitest';
import { librariesOf } from './libraries.ts';

test('what the loader lists is read: libraries, the loader, and not what the kernel provides', () => {
  const listed = [
    '\tlinux-vdso.so.1 (0x00007ff6bc4ce000)',
    '\tlibz.so.1 => /cache/it is here/lib/libz.so.1 (0x00007ff6bc4a7000)',
    '\t/lib64/ld-linux-x86-64.so.2 => /cache/lib/ld-linux-x86-64.so.2 (0x00007ff6bc4d0000)',
    '\tlibgone.so.2 => not found',
    '',
  ].join('\n');
  expect(librariesOf(listed)).toEqual([
    { name: 'libz.so.1', path: '/cache/it is here/lib/libz.so.1' },
    { name: '/lib64/ld-linux-x86-64.so.2', path: '/cache/lib/ld-linux-x86-64.so.2' },
    { name: 'libgone.so.2', path: 'not found' },
  ]);
});
