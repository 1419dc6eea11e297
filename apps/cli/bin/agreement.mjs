/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lock
 */

/**
 * Whether node_modules already is what the lock file wants, as after `npm install` of a further package. Then nothing has to be
 * removed under programs that run out of it. `installed` is what npm wrote about its own work. Pure.
 *
 * @param {Lock} wanted
 * @param {Lock} installed
 */
export function agrees(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .every(([path, { version, link, optional, devOptional }]) => {
      const there = installed.packages[path];
      // What is optional may be for another platform.
      if (there === undefined) return optional === true || devOptional === true;
      return link === true ? there.link === true : there.version === version;
    });
}
