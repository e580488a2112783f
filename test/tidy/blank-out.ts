/** Characters after which a `/` begins a regular expression instead of dividing. */
const BEFORE_REGEX = new Set('(,=:[!&|?{};+-*%<>~^\n');
const KEYWORD_BEFORE_REGEX = /\b(?:return|typeof|case|in|of|do|else|throw|await|yield|void)\s*$/;

/** One piece of source that is not code: a comment, a string, a template's text, a regex. */
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y;
const REGEX = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;

/** What begins none of these, and is no brace either. */
const PLAIN = /[^'"`/{}]+/y;

/** How far back to look for what stands before a `/`; blanked comments may lie between. */
const LOOK_BACK = 500;

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Which non-code to replace by blanks. */
export interface BlankOptions {
  readonly comments: boolean;
  readonly strings: boolean;
}

/**
 * Replaces comments and strings by blanks of the same size, so that what is searched for in the
 * result is code and line numbers stay. Code inside `${…}` of a template is kept.
 *
 * A reading of tokens, not a parser: enough for sources the compiler and the linter accept.
 */
export function blankOut(source: string, options: BlankOptions): string {
  const reader = new SourceReader(source, options);
  return reader.read();
}

class SourceReader {
  readonly #source: string;
  readonly #options: BlankOptions;
  #at = 0;
  #out = '';
  /** For each template being read, how many braces are open inside its `${…}`. */
  readonly #depths: number[] = [];

  constructor(source: string, options: BlankOptions) {
    this.#source = source;
    this.#options = options;
  }

  read(): string {
    while (this.#at < this.#source.length) {
      const { strings, comments } = this.#options;
      if (this.#skip(PLAIN, false)) continue;
      if (this.#skip(COMMENT, comments)) continue;
      if (this.#skip(STRING, strings)) continue;
      if (this.#regexMayBegin() && this.#skip(REGEX, strings)) continue;
      this.#readCode();
    }
    return this.#out;
  }

  #skip(pattern: RegExp, blanked: boolean): boolean {
    pattern.lastIndex = this.#at;
    const [text = ''] = pattern.exec(this.#source) ?? [];
    this.#out += blanked ? blank(text) : text;
    this.#at += text.length;
    return text !== '';
  }

  #regexMayBegin(): boolean {
    if (this.#source[this.#at] !== '/') return false;
    const before = this.#out.slice(-LOOK_BACK).trimEnd();
    return BEFORE_REGEX.has(before.at(-1) ?? '\n') || KEYWORD_BEFORE_REGEX.test(before);
  }

  #readCode(): void {
    const character = this.#source[this.#at] ?? '';
    this.#out += character;
    this.#at += 1;
    if (character === '`') this.#readTemplateText();
    const inner = this.#depths.length - 1;
    if (inner < 0) return;
    if (character === '{') this.#depths[inner] = (this.#depths[inner] ?? 0) + 1;
    if (character !== '}') return;
    this.#depths[inner] = (this.#depths[inner] ?? 0) - 1;
    if (this.#depths[inner] === 0) {
      this.#depths.pop();
      this.#readTemplateText();
    }
  }

  /** Up to the closing backtick, or to a `${`, whose code is then read like any other. */
  #readTemplateText(): void {
    this.#skip(TEMPLATE_TEXT, this.#options.strings);
    if (this.#source[this.#at] === '`') {
      this.#out += '`';
      this.#at += 1;
    } else if (this.#source.startsWith('${', this.#at)) {
      this.#out += '${';
      this.#at += 2;
      this.#depths.push(1);
    }
  }
}
