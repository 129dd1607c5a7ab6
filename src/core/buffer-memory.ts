import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Minimum size in bytes of a buffer that is freed: the garbage of smaller ones is small, too. */
const MIN_BYTES = 4_096;

/**
 * Frees the memory of a buffer immediately; all views of it are empty afterwards. Without it the memory is freed at a
 * collection, and V8 collects late what takes little room in its own heap.
 */
const freeMemory = (buffer: ArrayBufferLike): void => {
  // Node marks the pool that small buffers share.
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MIN_BYTES || isMarkedAsUntransferable(buffer)) return;
  buffer.transfer(0);
};

interface BufferUse {
  readonly buffer: ArrayBufferLike;
  /** Number of its chunks that are not passed on yet. */
  chunks: number;
}

/**
 * Frees the buffers of chunks that one connection received, in their order. Chunks may share a buffer, and its rest may
 * not be parsed yet: a buffer is freed once a later one has arrived and all of its own chunks are passed on.
 */
export class ReceivedBuffers {
  readonly #uses: BufferUse[] = [];

  /** Records a chunk that has arrived. */
  arrived({ buffer }: Uint8Array): void {
    const last = this.#uses.at(-1);
    if (last?.buffer === buffer) last.chunks += 1;
    else {
      this.#uses.push({ buffer, chunks: 1 });
      this.#free();
    }
  }

  /** The earliest chunk is passed on: nothing reads it any more. */
  passedOn(): void {
    const [first] = this.#uses;
    if (first !== undefined) first.chunks -= 1;
    this.#free();
  }

  /** All chunks are passed on. */
  allPassedOn(): void {
    for (const use of this.#uses) use.chunks = 0;
    this.#free();
  }

  #free(): void {
    while (this.#uses.length > 1 && this.#uses[0]?.chunks === 0) {
      freeMemory(this.#uses[0].buffer);
      this.#uses.shift();
    }
  }
}
