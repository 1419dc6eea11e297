export { startFakeGitHub, type FakeGitHub, type FakeGitHubOptions, type SettingName } from './start.ts';
export type { FakePull, FakeRepository } from './handles.ts';
export type { PullSummary } from './control/control.ts';
export type { CloseInput, EditInput, OpenInput, PushInput, RepositoryInput } from './control/input.ts';
export type { CheckView, PullView, RepositoryView, StatusView } from './control/view.ts';
export type { Delivery } from './deliveries.ts';
