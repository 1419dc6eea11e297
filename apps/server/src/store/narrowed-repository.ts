/**
 * What a token is narrowed to, in one text for each repository: `acme/shop#42`, the name for people and GitHub's id, by which it is told
 * from whoever takes the name later; or `acme/shop` alone, as long as no repository of that name is known here. A name of GitHub's has
 * no `#`.
 */
export interface NarrowedRepository {
  readonly name: string;
  readonly id: number | undefined;
}

const withId = /^([^#]+)#(\d{1,15})$/;

/** Pure. */
export function narrowedRepository(text: string): NarrowedRepository {
  const [, name, id] = withId.exec(text) ?? [];
  return name === undefined ? { name: text, id: undefined } : { name, id: Number(id) };
}

/** Pure. */
export function narrowedText({ name, id }: NarrowedRepository): string {
  return id === undefined ? name : `${name}#${id}`;
}
