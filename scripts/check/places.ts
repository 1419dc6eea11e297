/** A package, app or tool of this repository, and what it may use of the others. */
export interface Place {
  readonly folder: string;
  readonly name: string;
  readonly uses: readonly string[];
}

const model = '@ephemera/model';
const kube = '@ephemera/kube';
const job = '@ephemera/job';
const github = '@ephemera/github';
const fakeGithub = '@ephemera/fake-github';
const localCluster = '@ephemera/local-cluster';
const pulumiCli = '@ephemera/pulumi-cli';
const buildx = '@ephemera/buildx';
const pythonNodejs = '@ephemera/python-nodejs';
const server = '@ephemera/server';
const forServer = [
  model,
  kube,
  job,
  github,
  '@ephemera/pull-request-pod',
  '@ephemera/sandbox',
  '@ephemera/ossb',
  '@ephemera/compose',
];
const everything = [...forServer, fakeGithub, localCluster, server];

/** The direction of imports: `model` knows nobody, an app is known by nobody; only the command line starts the server. */
export const PLACES: readonly Place[] = [
  { folder: 'packages/model', name: model, uses: [] },
  { folder: 'packages/kube', name: kube, uses: [model] },
  // The compiler is pure: it comes before its package, which may also talk to a cluster.
  { folder: 'packages/job/src/compile', name: job, uses: [model] },
  { folder: 'packages/job', name: job, uses: [model, kube] },
  { folder: 'packages/pull-request-pod', name: '@ephemera/pull-request-pod', uses: [model, kube, job] },
  { folder: 'packages/sandbox', name: '@ephemera/sandbox', uses: [model, kube, job] },
  { folder: 'packages/ossb', name: '@ephemera/ossb', uses: [model, kube, job] },
  { folder: 'packages/compose', name: '@ephemera/compose', uses: [model] },
  { folder: 'packages/github', name: github, uses: [model] },
  { folder: 'packages/fake-github', name: fakeGithub, uses: [model] },
  { folder: 'packages/pulumi', name: '@ephemera/pulumi', uses: [model, job] },
  { folder: 'apps/server', name: server, uses: forServer },
  { folder: 'apps/cli', name: 'ephemera', uses: everything },
  { folder: 'apps/web', name: '@ephemera/web', uses: [model] },
  // It measures what users get, so it may use whatever they may.
  { folder: 'bench', name: 'bench', uses: [...everything, 'ephemera'] },
  // They show what users write, so they may use whatever users may.
  { folder: 'examples', name: 'examples', uses: everything },
  { folder: 'tools/local-cluster', name: localCluster, uses: [model] },
  // It is built by the same machinery as the programs of the cluster.
  { folder: 'tools/pulumi-cli', name: pulumiCli, uses: [model, localCluster] },
  { folder: 'tools/buildx', name: buildx, uses: [model, localCluster] },
  { folder: 'tools/python-nodejs', name: pythonNodejs, uses: [model, localCluster] },
];

/** What tests may use beyond their package: the stand-ins for the outside world, and the door through which they look at it. */
export const USED_BY_TESTS: readonly string[] = [model, kube, fakeGithub, localCluster, pulumiCli, buildx];
