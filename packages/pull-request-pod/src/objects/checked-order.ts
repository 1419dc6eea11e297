import type { RoleProfile } from '../pull-request-pod.ts';

/** What is made: everything checked, every default filled in. */
export interface CheckedOrder {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly clusterName: string | undefined;
  readonly profile: RoleProfile;
  readonly repository: CheckedRepository | undefined;
  readonly idempotencyKey: string | undefined;
  readonly activeDeadlineSeconds: number;
  readonly builder: 'rootless' | 'privileged';
  readonly builderLimits: CheckedBuilderLimits;
}

export interface CheckedBuilderLimits {
  readonly cpu: string;
  readonly memory: string;
}

export interface CheckedRepository {
  readonly url: string;
  readonly branch: string;
  readonly pullRequest: number;
  readonly imageName: string;
  readonly dockerfile: string;
  readonly push: boolean;
  readonly token: string | undefined;
  readonly dockerConfigJson: string | undefined;
}
