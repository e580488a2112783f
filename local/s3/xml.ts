import { malformedXml } from './s3-errors.ts';

/** One element of a parsed document. Text is kept exactly, white space included. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

/**
 * A value to be written: text, or named children in order; a list repeats the element. A child
 * named `''` has no tags of its own, which lets elements of different names alternate.
 */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Control characters are written as references, as S3 does; a raw CR would be read as LF. */
function escapeText(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may contain them
    /[&<>"\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\ufffe\uffff]/g,
    (character) => ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

function writeElement(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) {
    return '';
  }
  if (Array.isArray(value)) {
    return value.map((item: XmlValue) => writeElement(name, item)).join('');
  }
  const content =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, inner]) => writeElement(child, inner))
          .join('')
      : escapeText(String(value));
  return name === '' ? content : `<${name}${attributes}>${content}</${name}>`;
}

/**
 * A whole document. `undefined` members are left out.
 * @param namespaced - whether the root carries S3's namespace (errors do not)
 */
export function writeXml(root: string, value: XmlValue, namespaced = true): string {
  const attributes = namespaced ? ` xmlns="${S3_NAMESPACE}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root, value, attributes)}`;
}

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function decodeText(raw: string): string {
  const normalized = raw.replace(/\r\n?/g, '\n');
  return normalized.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (_, entity: string) => {
    if (!entity.startsWith('#')) {
      const character = NAMED_ENTITIES[entity];
      if (character === undefined) {
        throw malformedXml();
      }
      return character;
    }
    const hex = entity.startsWith('#x');
    const code = Number.parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10);
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
      throw malformedXml();
    }
    return String.fromCodePoint(code);
  });
}

const TOKEN = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<([^>]*)>|([^<]+)/gy;

/**
 * Reads a request's document: elements and text, attributes and namespaces ignored, entities of
 * XML itself resolved, no document type allowed.
 * @throws LocalAwsError `MalformedXML`
 */
export function parseXml(document: string): XmlElement {
  const root: XmlElement = { name: '', children: [], text: '' };
  const open: XmlElement[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < document.length) {
    const token = TOKEN.exec(document);
    const parent = open.at(-1);
    if (token === null || parent === undefined) {
      throw malformedXml();
    }
    const [, cdata, tag, text] = token;
    if (text !== undefined || cdata !== undefined) {
      parent.text += cdata ?? decodeText(text as string);
    } else if (tag !== undefined) {
      readTag(tag, open, parent);
    }
  }
  const [document1, ...others] = root.children;
  if (open.length !== 1 || document1 === undefined || others.length > 0 || root.text.trim()) {
    throw malformedXml();
  }
  return document1;
}

function readTag(tag: string, open: XmlElement[], parent: XmlElement): void {
  const [, closing, qualified, selfClosing] =
    /^(\/?)([^\s/!]+)(?:\s[\s\S]*?)?(\/?)$/.exec(tag) ?? [];
  if (qualified === undefined) {
    throw malformedXml();
  }
  const name = qualified.slice(qualified.indexOf(':') + 1);
  if (closing) {
    if (open.length === 1 || parent.name !== name) {
      throw malformedXml();
    }
    open.pop();
    return;
  }
  const element: XmlElement = { name, children: [], text: '' };
  parent.children.push(element);
  if (!selfClosing) {
    open.push(element);
  }
}

/** All children of one name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Text at a path of names under `element`, or `undefined` where a step is missing. */
export function textAt(element: XmlElement, ...path: string[]): string | undefined {
  let current: XmlElement | undefined = element;
  for (const name of path) {
    current = current?.children.find((child) => child.name === name);
  }
  return current?.text;
}
