// One file on its way by tus: cut lines, closed tabs and restarted servers only make it wait.
import {DetailedError, HttpRequest, Upload} from "tus-js-client";

export interface Sending {
  createUrl: string;
  metadata: Record<string, string>;
  token: () => string;
  moved: (sent: number, total: number) => void;
  resumed: () => void;
  waiting: () => void;
  ended: (url: string, body: string) => void;
  failed: (status: number, body: string) => void;
  unreadable: () => void;
}

export interface Job {
  file: File;
  pause: () => void;
  go: () => void;
  giveUp: () => Promise<void>;
  isPaused: () => boolean;
}

interface Source {
  size: number;
  slice: (start: number, end: number) => Promise<{value: Blob; done: boolean}>;
  close: () => void;
}

const CHUNK_BYTES = 1024 * 1024;
const WHOLE_HASH_BYTES = 64 * CHUNK_BYTES; // read into memory once, before the first byte is sent
const STALLED_MS = 45000;
const LONGEST_WAIT_MS = 30000;
const TRIES_ON_REFUSAL = 8;
const WORTH_ANOTHER_TRY = [409, 423, 429, 460];

function bytesOf(blob: Blob): Promise<ArrayBuffer> {
  return new Response(blob).arrayBuffer();
}

// WebCrypto is there on https and on this machine only; without it TCP's own checksum has to do
async function sha256(data: ArrayBuffer): Promise<Uint8Array | null> {
  return crypto.subtle ? new Uint8Array(await crypto.subtle.digest("SHA-256", data)) : null;
}

function hex(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// names of files stay out of the storage of a shared computer: only this number of them is kept
function fingerprint(file: File, metadata: Record<string, string>): string {
  const text = [metadata.item_id, metadata.role, metadata.source, file.name, file.size, file.lastModified].join("|");
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  return `licheng-upload:${(high >>> 0).toString(16)}${(low >>> 0).toString(16)}`;
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a browser that keeps nothing only starts anew after a reload
  }
}

function remember(key: string, url: string | null): void {
  try {
    if (url) localStorage.setItem(key, url);
    else localStorage.removeItem(key);
  } catch {
    return;
  }
}

export async function send(file: File, sending: Sending): Promise<Job> {
  const key = fingerprint(file, sending.metadata);
  let checksum = "";
  let tries = 0;
  let timer = 0;
  let watchdog = 0;
  let paused = false;
  let broken = false;

  function source(): Source {
    const slice = async (start: number, end: number): Promise<{value: Blob; done: boolean}> => {
      const value = file.slice(start, end);
      try {
        const digest = await sha256(await bytesOf(value));
        checksum = digest ? `sha256 ${btoa(String.fromCharCode(...Array.from(digest)))}` : "";
      } catch (error) {
        broken = true;
        throw error;
      }
      return {value, done: end >= file.size};
    };
    return {size: file.size, slice, close: () => undefined};
  }

  function watch(): void {
    clearTimeout(watchdog);
    watchdog = window.setTimeout(() => again(0), STALLED_MS);
  }

  function rest(): void {
    clearTimeout(timer);
    clearTimeout(watchdog);
    window.removeEventListener("online", atOnce);
  }

  function go(): void {
    rest();
    paused = false;
    watch();
    upload.start();
  }

  function again(wait: number): void {
    rest();
    // stop first: a request that hangs would otherwise go on beside its successor
    void upload.abort().then(() => {
      sending.waiting();
      window.addEventListener("online", atOnce);
      timer = window.setTimeout(go, wait);
    });
  }

  function atOnce(): void {
    if (!paused) go();
  }

  function failed(error: Error | DetailedError): void {
    if (paused) return;
    const response = "originalResponse" in error ? error.originalResponse : null;
    const status = response ? response.getStatus() : 0;
    const isPassing = status === 0 || status >= 500 || WORTH_ANOTHER_TRY.indexOf(status) >= 0;
    if (broken) {
      rest();
      sending.unreadable();
    } else if (isPassing && (status === 0 || tries < TRIES_ON_REFUSAL)) {
      again(Math.min(LONGEST_WAIT_MS, 500 * 2 ** tries));
      tries += 1;
    } else {
      rest();
      sending.failed(status, response ? response.getBody() : "");
    }
  }

  const metadata: Record<string, string> = {...sending.metadata, filename: file.name};
  try {
    const digest = file.size <= WHOLE_HASH_BYTES ? await sha256(await bytesOf(file)) : null;
    if (digest) metadata.sha256 = hex(digest);
  } catch {
    broken = true;
    sending.unreadable();
  }
  const upload: Upload = new Upload(file, {
    endpoint: sending.createUrl,
    uploadUrl: remembered(key),
    metadata,
    chunkSize: CHUNK_BYTES,
    uploadDataDuringCreation: true,
    storeFingerprintForResuming: false,
    retryDelays: null as unknown as number[],
    headers: {Accept: "application/json, application/problem+json"},
    fileReader: {openFile: () => Promise.resolve(source())},
    onBeforeRequest: (request: HttpRequest) => {
      const method = request.getMethod();
      request.setHeader("X-CSRFToken", sending.token());
      if (checksum && (method === "PATCH" || method === "POST")) request.setHeader("Upload-Checksum", checksum);
      checksum = "";
    },
    onUploadUrlAvailable: () => {
      remember(key, upload.url);
    },
    onProgress: (sent: number, total: number) => {
      watch();
      sending.moved(sent, total);
    },
    onChunkComplete: () => {
      tries = 0;
    },
    onSuccess: ({lastResponse}) => {
      rest();
      remember(key, null);
      sending.ended(upload.url ?? "", lastResponse.getBody());
    },
    onError: failed,
  });
  if (remembered(key)) sending.resumed();
  if (!broken) go();
  return {
    file,
    pause: () => {
      paused = true;
      rest();
      void upload.abort();
    },
    go,
    giveUp: async () => {
      paused = true;
      rest();
      remember(key, null);
      await upload.abort(upload.url !== null);
    },
    isPaused: () => paused,
  };
}
