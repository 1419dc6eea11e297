import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { startGitServer as start } from '../git-server.ts';

/** A Git server with one private repository, which pods reach and which asks for a token. */
export interface GitServer extends AsyncDisposable {
  /** Of the repository, without credentials. */
  readonly url: string;
  readonly token: string;
  /** A branch of one commit with these files, by their names, a content `-> path` being a link; returns the commit. */
  branch(name: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** How many requests had the token, and how many had none or another one. */
  readonly requests: { readonly allowed: number; readonly refused: number };
}

/** `node` is the address of the cluster's node: the server listens where the node sees this machine. */
export async function startGitServer(node: string, token: string): Promise<GitServer> {
  const server = await start({ host: addressBeside(node), credentials: `x-access-token:${token}` });
  return {
    url: server.url,
    token,
    branch: async (name, files) => server.branch(name, files),
    get requests() {
      const refused = server.asked.filter(({ isRefused }) => isRefused).length;
      return { allowed: server.asked.length - refused, refused };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** This machine's address in the network of the other one. */
function addressBeside(other: string): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find((own) => {
      if (own?.family !== 'IPv4' || own.cidr === null) return false;
      const network = new BlockList();
      network.addSubnet(own.address, Number(own.cidr.split('/')[1]));
      return network.check(other);
    });
  if (found === undefined) throw new Error(`This machine has no address in the network of ${other}.`);
  return found.address;
}
