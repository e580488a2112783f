import { type Duplex, Transform } from 'node:stream';

/** Chunks that wait for their reader. */
const MAX_CHUNKS = 2;

/**
 * Wraps a stream that must not be destroyed, so that a pipeline around it may be.
 *
 * The Encryption SDK (5.0.2) joins its inner streams by `pipeline` of `readable-stream` 3 without a
 * callback, which throws "Premature close" into the empty when they are destroyed early, and so
 * ends the process. When the wrapper is destroyed, the inner stream is ended instead and what it
 * still says is dropped.
 */
export function sparedStream(inner: Duplex): Transform {
  const outer = new Transform({
    // Chunks are passed on as they are: a stream of bytes would join what waits in it.
    readableObjectMode: true,
    readableHighWaterMark: MAX_CHUNKS,
    transform(chunk, _encoding, done) {
      if (inner.write(chunk)) {
        done();
      } else {
        inner.once('drain', done);
      }
    },
    flush(done) {
      inner.once('end', () => done());
      inner.end();
    },
    destroy(error, done) {
      inner.end();
      done(error);
    },
  });
  inner.on('data', (chunk) => outer.push(chunk));
  inner.on('error', (error) => outer.destroy(error));
  return outer;
}
