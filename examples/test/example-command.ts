/** The command of a README that runs its example program, up to the line that it prints. */
export function exampleCommand(readme: string): string {
  const [, command] = /^\$ (npx rolldown [\s\S]*?)\nCreated job: /m.exec(readme) ?? [];
  if (command === undefined) throw new Error('there is no such command');
  return command;
}

/** PATH as in a shell of a user: `npm test` puts the programs of this repository first, its Node among them. */
export function usersOwnPath(): { readonly PATH: string } {
  const folders = (process.env['PATH'] ?? '').split(':');
  return { PATH: folders.filter((folder) => !folder.includes('node_modules')).join(':') };
}
