/** A link of a Markdown file that points into the repository. */
export interface LocalLink {
  /** Relative to the file it stands in; empty for a heading of the same file. */
  readonly path: string;
  readonly anchor: string | undefined;
  readonly line: number;
}

/** Replaces fenced blocks and inline code by blanks; line numbers stay. */
export function withoutCode(markdown: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
  return markdown.replace(/^(```|~~~)[\s\S]*?^\1[^\n]*$/gm, blank).replace(/`[^`\n]+`/g, blank);
}

/** @returns links and images, in the order of the text; those to other sites are left out. */
export function localLinks(markdown: string): LocalLink[] {
  const text = withoutCode(markdown);
  const found: LocalLink[] = [];
  for (const match of text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)) {
    const address = match[1] ?? match[2] ?? '';
    if (/^[a-z][a-z+.-]*:/i.test(address)) continue;
    const [path = '', anchor] = address.split('#');
    const line = text.slice(0, match.index).split('\n').length;
    found.push({ path: decodeURIComponent(path), anchor, line });
  }
  return found;
}

/** The anchors GitHub gives to headings: lower case, punctuation dropped, `-1` for the second. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const body = markdown.replace(/^(```|~~~)[\s\S]*?^\1[^\n]*$/gm, '');
  for (const [, heading = ''] of body.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ''] of body.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
