import { flushCompileCache } from 'node:module';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';

/** As in Pulumi's own programs: a state may be large. */
const mostBytes = 400 * 1024 * 1024;

/**
 * Serves one gRPC service to the Pulumi that started this process. The port on the first line of standard output is how a plugin tells
 * where it listens. What a service leaves out is answered with UNIMPLEMENTED.
 */
export async function servePlugin(
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): Promise<void> {
  const server = new Server({
    'grpc.max_receive_message_length': mostBytes,
    'grpc.max_send_message_length': mostBytes,
  });
  server.addService(definition, implementation);
  const bind = promisify(server.bindAsync.bind(server));
  const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
  process.stdout.write(`${port}\n`);
  // Pulumi ends its plugins by a signal, before Node would write what NODE_COMPILE_CACHE asks for.
  flushCompileCache();
}
