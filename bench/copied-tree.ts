import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A tree of files as it was copied. */
export interface CopiedTree {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies the regular files below a folder. Links and empty folders are left out: rclone keeps
 * neither, and the restored trees are compared.
 */
export async function copyTree(from: string, to: string): Promise<CopiedTree> {
  let [files, bytes, isMade] = [0, 0, false];
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      const below = await copyTree(source, target);
      files += below.files;
      bytes += below.bytes;
    } else if (entry.isFile()) {
      if (!isMade) {
        await mkdir(to, { recursive: true });
        isMade = true;
      }
      await copyFile(source, target);
      files += 1;
      bytes += (await stat(target)).size;
    }
  }
  return { files, bytes };
}
