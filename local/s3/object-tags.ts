import { LocalAwsError } from '../gateway/service.ts';
import { invalidArgument, malformedXml } from './s3-errors.ts';
import type { Tag } from './store/object-version.ts';
import { childrenOf, textAt, type XmlElement, type XmlValue } from './xml.ts';

/** Limits of object tags; a bucket may have 50 ("Object tagging and bucket tagging"). */
const MAX_OBJECT_TAGS = 10;
const MAX_TAG_KEY_CHARACTERS = 128;
const MAX_TAG_VALUE_CHARACTERS = 256;

/** @throws LocalAwsError `InvalidTag` or `BadRequest` */
function requireValidTags(tags: readonly Tag[]): void {
  if (tags.length > MAX_OBJECT_TAGS) {
    throw new LocalAwsError('BadRequest', 400, 'Object tags cannot be greater than 10');
  }
  if (new Set(tags.map((tag) => tag.key)).size < tags.length) {
    throw new LocalAwsError('InvalidTag', 400, 'Cannot provide multiple Tags with the same key');
  }
  for (const { key, value } of tags) {
    if (key === '' || key.length > MAX_TAG_KEY_CHARACTERS) {
      throw new LocalAwsError('InvalidTag', 400, 'The TagKey you have provided is invalid');
    }
    if (value.length > MAX_TAG_VALUE_CHARACTERS) {
      throw new LocalAwsError('InvalidTag', 400, 'The TagValue you have provided is invalid');
    }
  }
}

/** Reads `x-amz-tagging`, which has the form of a URL query. */
export function parseTagHeader(header: string | undefined): Tag[] {
  if (header === undefined) {
    return [];
  }
  const tags = [...new URLSearchParams(header)].map(([key, value]) => ({ key, value }));
  if (tags.length === 0) {
    throw invalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded");
  }
  requireValidTags(tags);
  return tags;
}

/** Reads a `Tagging` document. */
export function parseTagDocument(document: XmlElement): Tag[] {
  const [set] = childrenOf(document, 'TagSet');
  if (document.name !== 'Tagging' || set === undefined) {
    throw malformedXml();
  }
  const tags = childrenOf(set, 'Tag').map((tag) => {
    const key = textAt(tag, 'Key');
    const value = textAt(tag, 'Value');
    if (key === undefined || value === undefined) {
      throw malformedXml();
    }
    return { key, value };
  });
  requireValidTags(tags);
  return tags;
}

/** The content of a `Tagging` document. */
export function tagDocument(tags: readonly Tag[]): XmlValue {
  return { TagSet: { Tag: tags.map(({ key, value }) => ({ Key: key, Value: value })) } };
}
