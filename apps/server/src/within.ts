/** The result of `run`, or the error that `late` makes when it takes too long. What runs goes on; nobody waits for it any more. */
export async function within<Result>(run: Promise<Result>, timeoutMs: number, late: () => Error): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  return Promise.race([run, deadline]).finally(() => clearTimeout(timer));
}
