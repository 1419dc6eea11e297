import { sql } from 'kysely';
import type { Executor } from '../store/database.ts';
import { migrationNames, migrationText } from '../store/migrate.ts';
import type { SequenceState } from './format.ts';

/**
 * The tables that our migrations have made and that are there, each after those that it refers to. Not simply all of the schema:
 * somebody who gives us a database with tables of others in it loses none of them to a restore.
 */
export async function ownTables(db: Executor): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string; needs: string[] }>`
    select c.relname as name,
      coalesce(array_agg(distinct needed.relname::text) filter (where needed.oid <> c.oid), '{}') as needs
    from pg_class c
    left join pg_constraint f on f.conrelid = c.oid and f.contype = 'f'
    left join pg_class needed on needed.oid = f.confrelid
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace
      and c.relname = any(${created('table')})
    group by c.oid, c.relname order by c.relname`.execute(db);
  return inOrder(rows);
}

/** Those that number rows, and those of their own. */
export async function ownSequences(db: Executor): Promise<readonly SequenceState[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c
    left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    left join pg_class t on t.oid = d.refobjid
    where c.relkind = 'S' and c.relnamespace = current_schema()::regnamespace
      and (c.relname = any(${created('sequence')}) or t.relname = any(${created('table')}))
    order by c.relname`.execute(db);
  const states: SequenceState[] = [];
  for (const { name } of rows) {
    const state = await sql<{ value: string; called: boolean }>`
      select last_value::text as value, is_called as called from ${sql.table(name)}`.execute(db);
    states.push(...state.rows.map(({ value, called }) => ({ name, value, called })));
  }
  return states;
}

/** The names of the functions that our migrations have made and that are there. */
export async function ownFunctions(db: Executor): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct proname as name from pg_proc
    where pronamespace = current_schema()::regnamespace and proname = any(${created('function')})
    order by proname`.execute(db);
  return rows.map(({ name }) => name);
}

/** What the migrations of this version make. A test holds it against a migrated database. */
function created(what: 'table' | 'sequence' | 'function'): string[] {
  const statement = new RegExp(`^create ${what} (?:if not exists )?(\\w+)`, 'gim');
  return migrationNames().flatMap((name) =>
    [...migrationText(name).matchAll(statement)].map((match) => String(match[1])),
  );
}

interface Table {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Each table after all that it needs; tables that need each other cannot be filled one by one. Pure. */
export function inOrder(tables: readonly Table[]): readonly string[] {
  const ordered: string[] = [];
  let rest = tables;
  while (rest.length > 0) {
    const names = new Set(rest.map(({ name }) => name));
    const free = rest.filter(({ needs }) => !needs.some((need) => names.has(need)));
    if (free.length === 0) throw new TypeError(`tables refer to each other in a circle: ${[...names].join(', ')}`);
    ordered.push(...free.map(({ name }) => name));
    rest = rest.filter((table) => !free.includes(table));
  }
  return ordered;
}
