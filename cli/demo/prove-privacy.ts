import type { InstallationAnswer } from '../../shared/admin-api/installation-answer.ts';
import { COPY_NAMES } from '../../shared/domain/copy-name.ts';
import { copyOf, type DemoWorld, type Registered } from './demo-world.ts';
import { DEMO_CLIENTS, PAPERS, PEOPLE } from './generate-records.ts';
import { ensure } from './proofs.ts';
import {
  copyTexts,
  keyTexts,
  logTexts,
  rightfulTexts,
  searchForNames,
} from './search-for-names.ts';

/** Searches for names where they belong, which must find them, and everywhere else. */
export async function provePrivacy(
  world: DemoWorld,
  where: InstallationAnswer,
  { files }: Registered,
): Promise<void> {
  world.proofs.chapter('8. Whoever runs the system without keys learns no names');
  const names = [
    ...DEMO_CLIENTS.map(({ name }) => name),
    ...PEOPLE,
    ...PAPERS,
    // The same for both clients: a person and a number.
    ...[...files.keys()].map((path) => path.split('/').pop() ?? ''),
  ];
  await world.proofs.prove('A search for names finds them where they belong', async () => {
    const { searched, found } = await searchForNames(names, rightfulTexts(world));
    ensure(Object.keys(searched).length === 2, 'a place to search was empty');
    for (const [place, count] of Object.entries(searched)) {
      ensure(found[place] === count, `it found a name in ${found[place]} of ${count} ${place}`);
    }
    return `in ${placesOf(found)}, each with a name`;
  });
  await world.proofs.prove(
    'The same search finds no name of a client, person or file anywhere else',
    async () => {
      const { searched, found } = await searchForNames(names, allTexts(world, where));
      ensure(Object.keys(found).length === 0, `a name was found in ${placesOf(found)}`);
      return `${names.length} names sought in ${placesOf(searched)}`;
    },
  );
}

function placesOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([place, count]) => `${count} ${place}`)
    .join(', ');
}

async function* allTexts(world: DemoWorld, where: InstallationAnswer) {
  for (const name of COPY_NAMES) {
    const { bucket, region } = copyOf(where, name);
    yield* copyTexts(world.s3(region), bucket);
    yield* keyTexts(world.kms(region));
  }
  yield* logTexts(world.aws);
}
