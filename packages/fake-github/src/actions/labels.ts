import type { Label, Repository, World } from '../state.ts';

/** The repository's labels of these names, each made when first used. */
export function labelsNamed(world: World, repository: Repository, names: readonly string[]): Label[] {
  return [...new Set(names)].map((name) => {
    const label = repository.labels.get(name) ?? { id: world.nextId(), name };
    repository.labels.set(name, label);
    return label;
  });
}
