/** Serves a provider to Pulumi, for stand-ins in tests: `pulumi-resource-NAME` of a folder in PULUMI_HOME/plugins. */
import { callbackify } from 'node:util';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import service from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import { servePlugin } from '../plugin-server.ts';
import { initializationError } from './initialization-error.ts';
import { InitializationFailed, withoutMarks, type Properties, type Provider, type Step } from './provider.ts';

export {
  InitializationFailed,
  secret,
  unknown,
  type Difference,
  type PropertyChange,
  type Properties,
  type Provider,
  type Step,
} from './provider.ts';

/** Each change as it is, and as a reason to make the resource anew. */
const kinds = {
  add: ['ADD', 'ADD_REPLACE'],
  delete: ['DELETE', 'DELETE_REPLACE'],
  update: ['UPDATE', 'UPDATE_REPLACE'],
} as const;

type Call<Request, Response> = (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void;

/** Serves until Pulumi ends the process. */
export async function serveProvider(provider: Provider): Promise<void> {
  const stop = new AbortController();
  const stepOf = (request: { getUrn(): string; getTimeout(): number; getPreview?(): boolean }): Step => ({
    urn: request.getUrn(),
    preview: request.getPreview?.() ?? false,
    timeoutMs: request.getTimeout() > 0 ? request.getTimeout() * 1000 : undefined,
    signal: stop.signal,
  });

  const getPluginInfo: Call<unknown, plugin.PluginInfo> = answer(async () => {
    const info = new plugin.PluginInfo();
    info.setVersion(provider.version);
    return info;
  });

  const configure = answer(async (request: messages.ConfigureRequest) => {
    await provider.configure(read(request.getArgs()));
    const response = new messages.ConfigureResponse();
    // Pulumi then takes the marks of secrets off before it sends values, and puts them back on what comes out under the same names.
    response.setAcceptsecrets(false);
    response.setSupportspreview(true);
    return response;
  });

  const check = answer(async (request: messages.CheckRequest) => {
    const { inputs, failures } = await provider.check(
      request.getUrn(),
      read(request.getNews()),
      read(request.getOlds()),
    );
    const response = new messages.CheckResponse();
    response.setInputs(write(inputs));
    for (const { property, reason } of failures) {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      response.addFailures(failure);
    }
    return response;
  });

  const diff = answer(async (request: messages.DiffRequest) => {
    const found = await provider.diff(request.getUrn(), read(request.getNews()), read(request.getOldInputs()));
    const changes = Object.entries(found.changes);
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    const response = new messages.DiffResponse();
    response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
    response.setReplacesList(changes.filter(([, { replaces }]) => replaces).map(([path]) => path));
    response.setHasdetaileddiff(true);
    for (const [path, { kind, replaces }] of changes) {
      const property = new messages.PropertyDiff();
      property.setKind(messages.PropertyDiff.Kind[kinds[kind][replaces ? 1 : 0]]);
      property.setInputdiff(true);
      response.getDetaileddiffMap().set(path, property);
    }
    response.setDeletebeforereplace(found.deleteBeforeReplace);
    return response;
  });

  const create = answer(async (request: messages.CreateRequest) => {
    const { id, outputs } = await provider.create(read(request.getProperties()), stepOf(request));
    const response = new messages.CreateResponse();
    response.setId(id);
    response.setProperties(write(outputs));
    return response;
  });

  const readResource = answer(async (request: messages.ReadRequest) => {
    const found = await provider.read(request.getId(), request.getUrn(), read(request.getInputs()));
    const response = new messages.ReadResponse();
    // Without an id Pulumi understands that the thing is gone.
    if (found === undefined) return response;
    response.setId(request.getId());
    response.setProperties(write(found.outputs));
    response.setInputs(write(found.inputs));
    return response;
  });

  const update = answer(async (request: messages.UpdateRequest) => {
    const { outputs } = await provider.update(request.getId(), read(request.getNews()), stepOf(request));
    const response = new messages.UpdateResponse();
    response.setProperties(write(outputs));
    return response;
  });

  const remove = answer(async (request: messages.DeleteRequest) => {
    await provider.delete(request.getId(), read(request.getProperties()), stepOf(request));
    return new empty.Empty();
  });

  const cancel = answer(async () => {
    stop.abort(new Error('Pulumi was told to stop.'));
    return new empty.Empty();
  });

  await servePlugin(service.ResourceProviderService, {
    getPluginInfo,
    configure,
    check,
    diff,
    create,
    read: readResource,
    update,
    delete: remove,
    cancel,
  });
}

function answer<Request, Response>(work: (request: Request) => Promise<Response>): Call<Request, Response> {
  const worked = callbackify(async (request: Request) => {
    try {
      return await work(request);
    } catch (error) {
      throw error instanceof InitializationFailed ? initializationError(error) : error;
    }
  });
  return ({ request }, done) => worked(request, (error: Error | null, response) => done(error, response));
}

function read(value: struct.Struct | undefined): Properties {
  return withoutMarks(value?.toJavaScript() ?? {}) as Properties;
}

function write(value: Properties): struct.Struct {
  return struct.Struct.fromJavaScript(value as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}
