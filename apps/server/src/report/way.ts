import type { GitHub, RepositoryRef } from '@ephemera/github';
import type { Logger } from 'pino';
import type { Environment, TimelineEvent } from '../store/schema.ts';
import type { ReportState, WayName } from '../store/reports.ts';
import type { Claim } from '../work/claim.ts';

/** What there is to tell about one pull request, as the rows say it. */
export interface News {
  readonly repository: RepositoryRef;
  /** The newest generation. */
  readonly environment: Environment;
  /** The ones before it, newest first. */
  readonly earlier: readonly Environment[];
  /** State changes that GitHub was not told of yet, over all generations, oldest first. */
  readonly unheard: readonly TimelineEvent[];
  /** Everything that happened to one generation, oldest first. */
  readonly timeline: (environment: Environment) => Promise<readonly TimelineEvent[]>;
}

/** With what something is told. */
export interface Means {
  readonly github: GitHub;
  readonly claim: Claim;
  readonly log: Logger;
  readonly memory: Memory;
}

/** What was told so far. A write is remembered at once: whatever goes wrong after it, it is not made a second time. */
export interface Memory {
  readonly state: () => ReportState;
  readonly remember: (change: Partial<ReportState>) => Promise<void>;
}

/** One way of telling people on GitHub. */
export interface Way {
  readonly name: WayName;
  /** Brings it up to what the rows say. True if something was written: then the App has the permission for it. */
  readonly tell: (news: News, means: Means) => Promise<boolean>;
}
