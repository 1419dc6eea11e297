import { Metadata, status } from '@grpc/grpc-js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import type { InitializationFailed, Properties } from './provider.ts';

/**
 * The error by which a provider says "it is there, but it does not work". gRPC for Node has no place for the details of an error; the
 * header below is where the implementation in Go, which Pulumi uses, looks for them.
 */
export function initializationError(failed: InitializationFailed): Error {
  const detail = new messages.ErrorResourceInitFailed();
  detail.setId(failed.id);
  detail.setProperties(struct.Struct.fromJavaScript(plain(failed.outputs)));
  detail.setInputs(struct.Struct.fromJavaScript(plain(failed.inputs)));
  detail.setReasonsList([failed.message]);
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const whole = new statusMessages.Status();
  whole.setCode(status.UNKNOWN);
  whole.setMessage(failed.message);
  whole.addDetails(packed);
  const metadata = new Metadata();
  metadata.add('grpc-status-details-bin', Buffer.from(whole.serializeBinary()));
  return Object.assign(new Error(failed.message), { code: status.UNKNOWN, details: failed.message, metadata });
}

function plain(properties: Properties): Parameters<typeof struct.Struct.fromJavaScript>[0] {
  return properties as Parameters<typeof struct.Struct.fromJavaScript>[0];
}
