// `pulumi-language-nodejs`: what Pulumi's command line starts for a project with `runtime: nodejs`. Pulumi's own is a Go program that no
// published module holds any more; this one serves the calls that `preview`, `up`, `refresh`, `destroy` and `about` make.
import { callbackify } from 'node:util';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import service from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import { servePlugin } from '../plugin-server.ts';
import { installedPackages, pulumiPlugins } from './packages.ts';
import { runProgram } from './run.ts';
import { sdkVersion } from './sdk.ts';

type Call<Request, Response> = (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void;

/** The engine's address is the last argument; what comes before are options for tracing. */
const engine = process.argv.slice(2).findLast((argument) => !argument.startsWith('-')) ?? '';

const runAndTell = callbackify(async (request: messages.RunRequest) => {
  const { error, reported } = await runProgram(request, engine);
  const response = new messages.RunResponse();
  response.setError(error);
  response.setBail(reported);
  return response;
});

const run: Call<messages.RunRequest, messages.RunResponse> = ({ request }, done) =>
  runAndTell(request, (error: Error | null, response) => done(error, response));

const getRequiredPackages: Call<messages.GetRequiredPackagesRequest, messages.GetRequiredPackagesResponse> = (
  { request },
  done,
) => {
  const response = new messages.GetRequiredPackagesResponse();
  for (const { name, version } of pulumiPlugins(folderOf(request.getInfo()))) {
    const dependency = new plugin.PackageDependency();
    dependency.setKind('resource');
    dependency.setName(name);
    dependency.setVersion(`v${version}`);
    response.addPackages(dependency);
  }
  done(null, response);
};

const getProgramDependencies: Call<messages.GetProgramDependenciesRequest, messages.GetProgramDependenciesResponse> = (
  { request },
  done,
) => {
  const response = new messages.GetProgramDependenciesResponse();
  for (const { name, version } of installedPackages(folderOf(request.getInfo()))) {
    const dependency = new messages.DependencyInfo();
    dependency.setName(name);
    dependency.setVersion(version);
    response.addDependencies(dependency);
  }
  done(null, response);
};

const getPluginInfo: Call<unknown, plugin.PluginInfo> = (_, done) => {
  const response = new plugin.PluginInfo();
  response.setVersion(sdkVersion());
  done(null, response);
};

const about: Call<messages.AboutRequest, messages.AboutResponse> = (_, done) => {
  const response = new messages.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  done(null, response);
};

function folderOf(info: messages.ProgramInfo | undefined): string {
  return info?.getProgramDirectory() ?? '';
}

await servePlugin(service.LanguageRuntimeService, {
  run,
  getRequiredPackages,
  getProgramDependencies,
  getPluginInfo,
  about,
});
