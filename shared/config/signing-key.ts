/** @returns the alias of the key that signs proofs; it lies in the primary Region. */
export function signingKeyAlias(installation: string): string {
  return `alias/holdfast-${installation}-signing`;
}
