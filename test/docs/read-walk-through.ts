/** One command of a document, as a reader would paste it. */
export interface WrittenCommand {
  /** May span lines that end with a backslash. */
  readonly text: string;
  /** What it must end with: 0, or what its comment says, as in `# refused: ends with 5`. */
  readonly endsWith: number;
}

/** The commands of one section, and what they are said to print. */
export interface WalkThrough {
  /** Those of the first block, which keep the first terminal busy. */
  readonly firstTerminal: readonly WrittenCommand[];
  readonly secondTerminal: readonly WrittenCommand[];
  /** Lines that are printed in this order, among others; `…` stands for anything. */
  readonly prints: readonly string[];
}

/**
 * Reads the blocks marked `sh` and `text` below one heading of the second level.
 * @throws Error when there is no such section, or no block in it.
 */
export function readWalkThrough(markdown: string, heading: string): WalkThrough {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, kind, text = '']) => ({ kind, text }),
  );
  const [first, ...others] = blocks.filter(({ kind }) => kind === 'sh');
  const texts = blocks.filter(({ kind }) => kind === 'text');
  if (first === undefined || others.length === 0 || texts.length === 0) {
    throw new Error(`"${heading}" has too few blocks marked sh and text`);
  }
  return {
    firstTerminal: commandsIn(first.text),
    secondTerminal: others.flatMap(({ text }) => commandsIn(text)),
    prints: texts.flatMap(({ text }) => text.trimEnd().split('\n')),
  };
}

function commandsIn(block: string): WrittenCommand[] {
  return block
    .replaceAll('\\\n', '\\\u0000')
    .split('\n')
    .map((line) => line.replaceAll('\\\u0000', '\\\n'))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((text) => ({ text, endsWith: Number(/#.*\bends with (\d+)/.exec(text)?.[1] ?? 0) }));
}

/** @returns the first of `expected` that `printed` lacks after those before it, or undefined. */
export function missingLine(expected: readonly string[], printed: string): string | undefined {
  const lines = printed.split('\n').map((line) => line.trimEnd());
  let from = 0;
  for (const text of expected) {
    const pattern = new RegExp(`^${text.trimEnd().split('…').map(literally).join('.+')}$`);
    const found = lines.findIndex((line, index) => index >= from && pattern.test(line));
    if (found === -1) return text;
    from = found + 1;
  }
  return undefined;
}

/** @returns a pattern that matches the text and nothing else. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
