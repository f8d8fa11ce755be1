import { i as __toESM } from "./rolldown-runtime.js";
import { A as decode, D as multiaddr, H as getProxyUrl, M as base32, N as require_ipaddr, O as bases, S as string, _ as int, b as object, h as array, j as base58btc, k as CID } from "./packages.js";
import { isIP } from "node:net";
import { inspect } from "node:util";
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { chmodSync, closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readFileSync, readSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
// src/domain/grown.ts
/** The list itself where it has room for an index, else a longer copy; what is new in it is 0. */
function grown(list, index) {
	if (index < list.length) return list;
	const Kind = list.constructor;
	const longer = new Kind(Math.max(index + 1, list.length * 2));
	longer.set(list);
	return longer;
}
// src/secrets/rewritten.ts
/** So many pieces of a text are put together at a time. */
const mostPieces = 4096;
/** The numbers of a change: where it starts and ends in the source, its place in the text, and its width there. */
const perChange = 4;
/** A text that is made of another from its beginning to its end, and knows where each character of it comes from. */
var Rewritten = class {
	#source;
	/** Those of all changes, one after the other: what a server makes up has one every two characters. */
	#changes = /* @__PURE__ */ new Uint32Array(0);
	#count = 0;
	#parts = [];
	#pieces = [];
	#length = 0;
	#done = 0;
	constructor(source) {
		this.#source = source;
	}
	/** Puts a text in the place of a stretch of the source, behind those before. */
	replace(start, end, by) {
		this.#pieces.push(this.#source.slice(this.#done, start), by);
		if (this.#pieces.length >= mostPieces) {
			this.#parts.push(this.#pieces.join(""));
			this.#pieces = [];
		}
		this.#length += start - this.#done;
		const at = this.#count++ * perChange;
		this.#changes = grown(this.#changes, at + perChange - 1);
		this.#changes[at] = start;
		this.#changes[at + 1] = end;
		this.#changes[at + 2] = this.#length;
		this.#changes[at + 3] = by.length;
		this.#length += by.length;
		this.#done = end;
	}
	/** `undefined` where nothing was replaced. */
	get text() {
		if (this.#count === 0) return void 0;
		return [
			...this.#parts,
			...this.#pieces,
			this.#source.slice(this.#done)
		].join("");
	}
	/** The stretch of the source that a stretch of the text comes from. */
	sourceOf({ start, end }) {
		return {
			start: this.#sourceAt(start).start,
			end: this.#sourceAt(end - 1).end
		};
	}
	#sourceAt(place) {
		let low = 0;
		for (let high = this.#count; low < high;) {
			const middle = low + high >>> 1;
			if (this.#number(middle, 2) <= place) low = middle + 1;
			else high = middle;
		}
		if (low === 0) return {
			start: place,
			end: place + 1
		};
		const [start, end] = [this.#number(low - 1, 0), this.#number(low - 1, 1)];
		const behind = place - this.#number(low - 1, 2) - this.#number(low - 1, 3);
		return behind < 0 ? {
			start,
			end
		} : {
			start: end + behind,
			end: end + behind + 1
		};
	}
	#number(change, which) {
		return this.#changes[change * perChange + which];
	}
};
// src/secrets/unescaped.ts
/**
* How text is escaped in URLs, in JSON and other languages, and in HTML, where a semicolon may be left out. NULs are
* what is between the letters of UTF-16 that is read as UTF-8.
*/
const escapes = /%[\da-f]{2}|\\(?:u[\da-f]{4}|u\{[\da-f]{1,8}\}|x[\da-f]{2}|[0-3]?[0-7]{1,2}|[nrt]|[^\da-z])|&(?:#x[\da-f]{1,8}|#\d{1,8}|amp|lt|gt|quot|apos|equals|plus|sol|colon|commat);?|\0+/gi;
const named = {
	amp: "&",
	lt: "<",
	gt: ">",
	quot: "\"",
	apos: "'",
	equals: "=",
	plus: "+",
	sol: "/",
	colon: ":",
	commat: "@"
};
const blanks = {
	n: "\n",
	r: "\r",
	t: "	"
};
/** A text without escapes; `undefined` where it has none. Bytes of UTF-8 that a URL escapes become a character each. */
function unescaped(source) {
	if (![
		"%",
		"\\",
		"&",
		"\0"
	].some((sign) => source.includes(sign))) return void 0;
	const rewritten = new Rewritten(source);
	for (const { 0: escaped, index } of source.matchAll(escapes)) rewritten.replace(index, index + escaped.length, characterOf(escaped));
	return rewritten;
}
function characterOf(escaped) {
	if (escaped.startsWith("%")) return numbered(escaped.slice(1), 16);
	if (escaped.startsWith("\\")) return afterBackslash(escaped.slice(1));
	return escaped.startsWith("&") ? afterAmpersand(escaped.slice(1).toLowerCase()) : "";
}
function afterBackslash(text) {
	if (/^\d/.test(text)) return numbered(text, 8);
	return text.length === 1 ? blanks[text] ?? text : numbered(text.replace(/^.\{?/, ""), 16);
}
function afterAmpersand(text) {
	if (text.startsWith("#x")) return numbered(text.slice(2), 16);
	if (text.startsWith("#")) return numbered(text.slice(1), 10);
	return named[text.replace(";", "")] ?? "�";
}
/** The character of a number, whatever is behind its digits. */
function numbered(digits, base) {
	const code = Number.parseInt(digits, base);
	if (code === 0) return "";
	return code > 1114111 ? "�" : String.fromCodePoint(code);
}
// src/secrets/forms.ts
/** Shorter ones, and what may be a number, are found by chance in what means something else. */
const shortest = 8;
/** Whether a text is one of its own kind, so that it may be looked for in all that is said. */
function isDistinct(text) {
	return text.length >= shortest && !/^\d{1,16}$/.test(text);
}
/**
* What gives a secret away when it is known by itself. A Filebase token is the Base64 of `ACCESS_KEY:SECRET_KEY:bucket`
* (read in its SDK), basic authorization that of `user:password`; neither the bucket nor the user is a secret. Of a
* JSON Web Token it is the signature.
*/
function partsOf(secret) {
	const signature = /^eyJ[\w-]+\.[\w-]+\.([\w-]+)$/.exec(secret)?.[1];
	if (signature !== void 0) return [signature];
	const lines = secret.split(/[\r\n]+/);
	if (lines.length > 1) return lines;
	const decoded = decodedBase64(secret);
	if (decoded === void 0 || !isDistinct(decoded)) return [];
	const [first = "", second = "", ...more] = decoded.split(":");
	if (second === "" || more.length > 1) return [decoded];
	return more.length === 0 ? [decoded, second] : [
		decoded,
		`${first}:${second}`,
		first,
		second
	];
}
/** The readable text that a text is the Base64 or Base64url of; `undefined` for none. */
function decodedBase64(text) {
	const plain = plainBase64(text);
	const decoded = Buffer.from(plain, "base64").toString();
	return plainBase64(Buffer.from(decoded).toString("base64")) === plain && /^\P{C}+$/u.test(decoded) ? decoded : void 0;
}
/** In the standard alphabet, and without padding. */
function plainBase64(text) {
	return text.replaceAll("-", "+").replaceAll("_", "/").replace(/={1,2}$/, "");
}
/**
* The texts that a secret may be found as, once nothing is escaped any more: itself, its bytes as hex digits, and what
* Base64 makes of it.
*/
function formsOf(secret) {
	const bytes = Buffer.from(secret);
	const encoded = base64Of(bytes);
	const hex = bytes.toString("hex");
	const forms = [
		...unescapedOf(secret),
		bytes.toString("latin1"),
		...misreadOf(secret),
		hex,
		hex.toUpperCase(),
		...encoded,
		...encoded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))
	];
	return [...new Set(forms)].filter(isDistinct);
}
/** What has escapes in it is read without them where something else beside it is escaped: itself, and what is left of it. */
function unescapedOf(secret) {
	const texts = [secret];
	for (let level = 0; level < 3; level++) {
		const inner = unescaped(texts.at(-1))?.text;
		if (inner === void 0) break;
		texts.push(inner);
	}
	return texts;
}
/** What is read as UTF-8 though it is none; NULs are left out of all that is looked through. */
function misreadOf(secret) {
	const utf16 = Buffer.from(secret, "utf16le");
	const read = [utf16, Buffer.from(utf16).swap16()].map((bytes) => bytes.toString().replaceAll("\0", ""));
	return /^[\0-\xff]*$/.test(secret) ? [...read, Buffer.from(secret, "latin1").toString()] : read;
}
/** By itself, and within something longer: from any of three bytes on. */
function base64Of(bytes) {
	const alone = bytes.toString("base64");
	const within = [
		0,
		1,
		2
	].map((before) => {
		return Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6));
	});
	return [
		alone,
		alone.replace(/={1,2}$/, ""),
		...within
	];
}
// src/config/filebase-tokens.ts
/**
* `filebase-access-key` and `filebase-secret-key`: of them and a bucket's name its token is made. `undefined` where
* they are not given, or not both of them.
*/
function readFilebaseKeys(inputs) {
	const [access, secret] = ["filebase-access-key", "filebase-secret-key"].map((name) => {
		const text = inputs.text(name);
		inputs.hideGiven(name, "a key", text);
		if (!/^[\x21-\x39\x3b-\x7e]*$/.test(text)) inputs.problem(name, "must be a key as Filebase shows it: no spaces, no `:`, and ASCII only.");
		return {
			name,
			text
		};
	});
	if (access.text === "" !== (secret.text === "")) {
		const [given, empty] = access.text === "" ? [secret, access] : [access, secret];
		inputs.problem(empty.name, `is empty, and \`${given.name}\` is not: expected both or neither (a secret that is not set is empty).`);
	}
	if (access.text === "" || secret.text === "") return void 0;
	inputs.hide(`${access.text}:${secret.text}`);
	return {
		accessKey: access.text,
		secretKey: secret.text
	};
}
/** A token is the Base64 of `ACCESS_KEY:SECRET_KEY:bucket` (read in Filebase's SDK). */
function tokenOf({ accessKey, secretKey }, bucket) {
	return Buffer.from(`${accessKey}:${secretKey}:${bucket}`).toString("base64");
}
/** What a Filebase token is made of; `undefined` for any other. */
function partsOfToken(token) {
	const [, accessKey, secretKey, bucket] = /^([^:]+):([^:]+):([^:]+)$/.exec(decodedBase64(token) ?? "") ?? [];
	if (accessKey === void 0 || secretKey === void 0 || bucket === void 0) return void 0;
	return {
		accessKey,
		secretKey,
		bucket
	};
}
function bucketOfToken(token) {
	return partsOfToken(token)?.bucket;
}
/**
* Says of each token whether it is another bucket's, or none of Filebase's where the endpoint is. It is for Filebase to
* say what its tokens look like, so neither is an error.
*/
function checkFilebaseTokens(inputs, buckets, endpoint) {
	for (const { name, token } of buckets) {
		if (name === "" || token === "") continue;
		const bucket = bucketOfToken(token);
		if (bucket !== void 0 && bucket !== name) inputs.warning("buckets", `calls a bucket ${inputs.quote(name)} whose token is of the Filebase bucket ${inputs.quote(bucket)}: that one is listed and updated under this name. Check that no tokens are swapped, and give the line the bucket's own name.`);
		if (bucket === void 0 && endpoint.host === "api.filebase.io") inputs.warning("buckets", `gives ${inputs.quote(name)} a token that is not of Filebase's form, the Base64 of ACCESS_KEY:SECRET_KEY:bucket. It is tried all the same; the bucket's page at Filebase shows the right one, for the Pinning Service API.`);
	}
}
// src/domain/hosts.ts
var import_ipaddr = /* @__PURE__ */ __toESM(require_ipaddr(), 1);
/** Of IPv6 only this much is given out for use on the Internet. */
const globalUnicast = import_ipaddr.default.IPv6.parseCIDR("2000::/3");
/** Loopback, private, shared (as VPNs use it) and link-local addresses. */
const privateRanges = /* @__PURE__ */ new Set([
	"loopback",
	"private",
	"carrierGradeNat",
	"linkLocal",
	"uniqueLocal"
]);
/** Whether an IP address is one of the Internet's. An IPv4 address in the form of IPv6 is not: nobody writes it so. */
function isPublicAddress(address) {
	if (isIP(address) === 0) return false;
	const parsed = import_ipaddr.default.parse(address);
	return (parsed instanceof import_ipaddr.default.IPv4 || parsed.match(globalUnicast)) && parsed.range() === "unicast";
}
/** Whether an IP address, v4 or v6, belongs to this machine or a private network; `false` for what is no address. */
function isPrivateAddress(address) {
	return isIP(address) !== 0 && privateRanges.has(import_ipaddr.default.process(address).range());
}
/** Names that the Internet's own servers do not know (RFC 2606, 6761, 6762, 8375, and what home routers give). */
const insideOnly = /* @__PURE__ */ new Set([
	"alt",
	"arpa",
	"corp",
	"example",
	"home",
	"internal",
	"intranet",
	"invalid",
	"lan",
	"local",
	"localdomain",
	"localhost",
	"onion",
	"private",
	"test"
]);
/** Whether a host name may lead somewhere on the Internet. */
function isPublicName(name) {
	const labels = name.toLowerCase().replace(/\.$/, "").split(".");
	const top = labels.at(-1) ?? "";
	const areSound = labels.every((label) => /^[a-z\d_-]+$/.test(label));
	return labels.length > 1 && areSound && /[a-z]/.test(top) && !insideOnly.has(top);
}
/** What a service is called: by its provider's name where that is known, else by its host. */
function serviceName({ host }) {
	return /(?:^|\.)filebase\.(?:io|com)$/.test(host) ? "Filebase" : host;
}
// src/config/credentials.ts
/** Hides `user:password@` of a URL, as it is written there, decoded, and as it goes to a server. */
function hideCredentials(inputs, given) {
	const credentials = /^(?:\w+:\/\/)?([^/?#]*)@/.exec(given)?.[1] ?? "";
	const password = credentials.slice(credentials.indexOf(":") + 1);
	for (const secret of [credentials, password]) {
		inputs.hide(secret);
		inputs.hide(decoded(secret));
	}
	inputs.hide(Buffer.from(decoded(credentials)).toString("base64"));
}
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
// src/config/urls.ts
/** `endpoint`: without the `/pins` or `/` that it may end in. */
function readEndpoint(inputs) {
	const url = readUrl(inputs, "endpoint", "tokens belong in `buckets`") ?? new URL("https://api.filebase.io/v1/ipfs");
	url.pathname = url.pathname.replace(/(?<!\/)\/+$/, "").replace(/\/pins$/, "");
	return url;
}
/** `filebase-s3-endpoint`: without the `/` that it may end in. */
function readS3Endpoint(inputs) {
	const fallback = new URL("https://s3.filebase.com");
	const given = readUrl(inputs, "filebase-s3-endpoint", "they belong in `filebase-access-key`");
	return {
		url: given ?? fallback,
		isGiven: given !== void 0 && given.href !== fallback.href
	};
}
/** No system takes a longer path of a socket, in bytes (macOS; Linux: 107). */
const longestSocketPath = 103;
/** `node-url`: without the `/` that it may end in; `unix:` and an absolute path, which holds nothing that a URL escapes. */
function readNodeUrl(inputs) {
	const given = inputs.text("node-url");
	if (/^unix:/i.test(given)) return readSocketUrl(inputs, given);
	const url = readUrl(inputs, "node-url", "they belong in `node-authorization`") ?? new URL("http://127.0.0.1:5001");
	url.pathname = url.pathname.replace(/(?<!\/)\/+$/, "").replace(/\/api\/v0$/, "");
	return url;
}
/** Both `unix:/path` and `unix:///path`, as other tools have it. */
function readSocketUrl(inputs, given) {
	const [, path] = /^unix:(?:\/\/)?(\/[\w.@+~=,:-][\w.@+~=,:/-]*)$/i.exec(given) ?? [];
	if (path === void 0) inputs.problem("node-url", "must be the absolute path of a Unix socket after unix:, of letters, digits and ._-@+~=,: only, such as unix:/run/ipfs/api.sock.");
	else if (Buffer.byteLength(path) > longestSocketPath) inputs.problem("node-url", `must be the path of a Unix socket of at most ${longestSocketPath} bytes.`);
	return new URL(`unix:${path ?? "/"}`);
}
/** `gateways`: without the `/` or `/ipfs` that each may end in; each once. */
function readGateways(inputs) {
	const urls = /* @__PURE__ */ new Map();
	for (const { text } of inputs.lines("gateways")) {
		const url = checkUrl(inputs, "gateways", text, { credentialsHint: "none are sent to a gateway" });
		if (url === void 0) continue;
		url.pathname = url.pathname.replace(/(?<!\/)\/+$/, "").replace(/\/ipfs$/, "");
		urls.set(url.href, url);
	}
	return [...urls.values()];
}
/** `heartbeat-url`: a secret in itself, for whoever knows it can report in this mirror's name. */
function readHeartbeatUrl(inputs) {
	const given = inputs.text("heartbeat-url");
	inputs.hide(given);
	const url = parseUrl(given);
	if (url !== void 0) {
		inputs.hide(url.href);
		const pieces = [...url.pathname.split("/").filter((piece) => !isWord(piece)), ...url.searchParams.values()];
		for (const piece of [`${url.pathname}${url.search}`, ...pieces]) if (piece.length >= 8) inputs.hide(piece);
	}
	return readUrl(inputs, "heartbeat-url", "none are sent to it", { query: true });
}
/** Such as `heartbeat`, or a job's name: what is said would not be readable without. */
function isWord(piece) {
	return piece.length < 20 && /^[a-z]+(?:[-_.][a-z]+)*$/i.test(piece);
}
/** Reads a URL; problems never show it, since it may hold credentials. `undefined` where none, or no good one, is given. */
function readUrl(inputs, name, credentialsHint, allow = {}) {
	const given = inputs.text(name);
	return given === "" ? void 0 : checkUrl(inputs, name, given, {
		credentialsHint,
		...allow
	});
}
/** The same of a text of an input that may have several. */
function checkUrl(inputs, name, given, { credentialsHint, query }) {
	const problemsBefore = inputs.problems.length;
	hideCredentials(inputs, given);
	const url = parseUrl(given);
	if (url === void 0) {
		const meant = name === "node-url" ? meantBy(given) : void 0;
		const hint = meant === void 0 ? "" : `: here probably "${meant}"`;
		inputs.problem(name, `must be a URL that begins with https://, or with http:// in a private network${hint}.`);
		return;
	}
	if (url.username !== "" || url.password !== "") inputs.problem(name, `must not contain credentials: ${credentialsHint}.`);
	if (url.search !== "" && query !== true || url.hash !== "") inputs.problem(name, `must not contain a ${url.hash === "" ? "query (`?`)" : "fragment (`#`)"}.`);
	checkScheme(inputs, name, url);
	return inputs.problems.length === problemsBefore ? url : void 0;
}
/** The URL that stands for a host and port, or for a multiaddr as Kubo's config has them; never what may hold a secret. */
function meantBy(given) {
	const [, host = given, port] = /^\/(?:ip[46]|dns[46]?)\/([\w.:-]+)\/tcp\/(\d+)(?:\/https?)?$/.exec(given) ?? /^([\w.-]+):(\d+)(?:\/(?:api\/v0\/?)?)?$/.exec(given) ?? [];
	if (port !== void 0) return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
	const [, socket] = /^\/unix(\/[\w./-]+)$/.exec(given) ?? [];
	return socket === void 0 ? void 0 : `unix:${socket}`;
}
/** `GITHUB_API_URL`, which the runner sets: `github-token` goes there. */
function checkApiUrl(inputs, apiUrl) {
	const url = parseUrl(apiUrl);
	if (url === void 0) inputs.problem("GITHUB_API_URL", "must be a URL that begins with https://.");
	else checkScheme(inputs, "GITHUB_API_URL", url);
}
function parseUrl(text) {
	return /^https?:\/\/\S+$/i.test(text) ? URL.parse(text) ?? void 0 : void 0;
}
/** Names are let through over http here: where they lead is seen, and checked, when they are connected to. */
function checkScheme(inputs, name, url) {
	const host = url.hostname.replace(/^\[|\]$/g, "");
	if (url.protocol === "https:" || isIP(host) === 0 || isPrivateAddress(host)) return;
	inputs.problem(name, "must be https: plain http, which anyone on the way can read, is for this machine and private networks only.");
}
// src/config/account.ts
/**
* `check-buckets` and `filebase-s3-endpoint`: what to ask for the names of all buckets, and which of
* them are no news. `undefined` where nobody is to be asked.
* @param given.keys of the inputs
* @param given.endpoint of the Pinning Service API
* @param given.ignored those of `ignore-buckets`
*/
function readAccountCheck(inputs, given) {
	const { buckets, keys, endpoint, ignored } = given;
	const s3 = readS3Endpoint(inputs);
	if (!inputs.flag("check-buckets", false)) return void 0;
	const isAtHome = endpoint.host === "api.filebase.io" || s3.isGiven;
	const all = [...fromInputs(keys), ...isAtHome ? fromTokens(buckets) : []];
	const accounts = [...Map.groupBy(all, ({ accessKey }) => accessKey).values()].flatMap(([first]) => first ?? []);
	if (accounts.length === 0) inputs.warning("check-buckets", "has no keys to ask with: it needs tokens of Filebase, or `filebase-access-key` and `filebase-secret-key`. No bucket is looked for.");
	return {
		endpoint: s3.url,
		accounts,
		mirrored: buckets.map(({ name, token }) => bucketOfToken(token) ?? name),
		ignored
	};
}
function fromInputs(keys) {
	return keys === void 0 ? [] : [{
		...keys,
		source: "filebase-access-key"
	}];
}
function fromTokens(buckets) {
	return buckets.flatMap(({ name, token }) => {
		const parts = partsOfToken(token);
		if (parts === void 0) return [];
		return [{
			accessKey: parts.accessKey,
			secretKey: parts.secretKey,
			source: `the token of ${name}`
		}];
	});
}
// src/config/authorization.ts
/**
* `node-authorization`: the value of the Authorization header. Kubo's own way to write it (`basic:user:password`,
* `bearer:token`, as in its configuration and `ipfs --api-auth`) is turned into that.
*/
function readAuthorization(inputs) {
	const given = inputs.text("node-authorization");
	if (given === "") return void 0;
	inputs.hide(given);
	const [start = given, scheme = "", separator = ""] = /^([a-z][\w-]*)(:|\s+)/i.exec(given) ?? [];
	const credentials = given.slice(start.length);
	inputs.hideGiven("node-authorization", "credentials", credentials);
	const asKubo = separator === ":";
	const known = scheme.toLowerCase();
	if (known === "basic") {
		const pair = asKubo ? credentials : Buffer.from(credentials, "base64").toString();
		inputs.hide(pair);
		inputs.hideGiven("node-authorization", "a password", pair.slice(pair.indexOf(":") + 1));
		inputs.hide(Buffer.from(pair).toString("base64"));
	}
	if (!/^[\x20-\x7e]+$/.test(given) || credentials === "" || asKubo && !["basic", "bearer"].includes(known)) inputs.problem("node-authorization", "must be the value of an Authorization header on one line: a scheme and its credentials, such as `Bearer TOKEN`.");
	if (!asKubo) return given;
	return known === "basic" ? `Basic ${Buffer.from(credentials).toString("base64")}` : `Bearer ${credentials}`;
}
// src/config/buckets.ts
/**
* `buckets`: lines of `name=token`, where a token may hold `=` too. A problem quotes no line: it may be a token.
* @param keys of them the tokens of lines with a name alone are made
*/
function readBuckets(inputs, keys) {
	const lines = inputs.lines("buckets").map(({ number, text }) => ({
		number,
		...split(text, keys),
		text
	}));
	for (const line of lines) {
		if (line.token !== "") inputs.hideGiven("buckets", `in line ${line.number} a token`, line.token);
		for (const secret of secretsIn(line)) inputs.hide(secret);
	}
	if (lines.length === 0) inputs.problem("buckets", noBuckets);
	const isFormProved = lines.some((line) => faultOf$2(line, false, keys) === void 0);
	const lineOfName = /* @__PURE__ */ new Map();
	const lineOfToken = /* @__PURE__ */ new Map();
	for (const line of lines) {
		const { number, name, token } = line;
		const fault = faultOf$2(line, isFormProved, keys);
		const sameName = lineOfName.get(name);
		const sameToken = lineOfToken.get(token);
		if (fault !== void 0) inputs.problem("buckets", `line ${number}${fault}.`);
		else if (sameName !== void 0) inputs.problem("buckets", `line ${number} repeats the name of line ${sameName}.`);
		else if (sameToken !== void 0) inputs.problem("buckets", `lines ${sameToken} and ${number} have the same token; each bucket has its own.`);
		if (sameName === void 0) lineOfName.set(name, number);
		if (sameToken === void 0) lineOfToken.set(token, number);
	}
	return lines.map(({ name, token, isOfKeys }) => ({
		name,
		token,
		...isOfKeys && { isOfKeys }
	}));
}
/** `target-bucket`: one of `buckets`; where there is only one, that one. */
function readTargetBucket(inputs, buckets, direction) {
	const given = inputs.text("target-bucket");
	if (given !== "") {
		if (!buckets.some(({ name }) => name === given)) inputs.problem("target-bucket", `must be the name of one of \`buckets\`, not ${inputs.quote(given)}.`);
		return given;
	}
	if (buckets.length > 1 && direction !== "backup") inputs.problem("target-bucket", `is required with several buckets and direction ${direction}: the name of the bucket to pin in.`);
	return buckets.length === 1 ? buckets[0]?.name : void 0;
}
/**
* `matrix`: what the runner says of the job's matrix, as JSON. Jobs of a matrix that name a bucket each would buy for
* theirs what the others have: none knows what is in the others.
*/
function checkMatrix(inputs, buckets, direction) {
	const values = new Set(textsIn(parsed(inputs.text("matrix"))));
	if (direction === "backup" || buckets.length === 0) return;
	const target = inputs.text("target-bucket");
	if (buckets.every(({ name }) => values.has(name))) inputs.problem("buckets", `has only what this job's \`matrix\` names, and with direction ${direction} each job would buy for its own bucket what the others have. Name all buckets in one job, and in \`target-bucket\` the one to pin in.`);
	else if (target !== "" && values.has(target)) inputs.problem("target-bucket", `is of this job's \`matrix\`, and with direction ${direction} each job would buy for its own target what the others buy for theirs. Update in one job, with one target.`);
}
/** Also what no runner has filled in: it tells nothing. */
function parsed(json) {
	try {
		return JSON.parse(json);
	} catch {
		return null;
	}
}
function textsIn(value) {
	if (typeof value === "string") return [value];
	if (typeof value === "number") return [String(value)];
	return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
function split(text, keys) {
	if (keys !== void 0 && bareName.test(text)) return {
		name: text,
		token: tokenOf(keys, text),
		isOfKeys: true
	};
	const at = text.indexOf("=");
	if (at === -1) return {
		name: "",
		token: ""
	};
	const token = text.slice(at + 1).trim();
	return {
		name: text.slice(0, at).trim(),
		token: /[^=]/.test(token) ? token : ""
	};
}
const noBuckets = "is empty: is its secret set in this repository, and can this run see it? Secrets of an environment need `environment:` in the job, those of an organisation must allow this repository, and a run of a fork gets none. Expected: one `name=token` a line.";
/** Behind a token: `a=T,b=T` in one line, which `buckets: >` also makes of several. */
const another = /[\s,;][^\s=,;]{1,100}=/;
/** `name: token`, as YAML has it. */
const colon = /^[^=:]{1,100}:\s+/;
/** A name that no token looks like: those of services have capitals, or are longer. */
const plainName = /^[a-z0-9][a-z0-9 ._-]{0,29}$/;
/** What S3 takes as the name of a bucket, and what no token looks like. */
const bareName = /^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/;
/** What of a line may be a token, whatever is wrong with it. */
function secretsIn({ name, token, text }) {
	if (token === "") return [text, text.replace(colon, "")];
	const swapped = bucketOfToken(name) === void 0 ? [] : [name];
	return another.test(token) ? [...swapped, ...token.split(/[\s,;]+(?:[^\s=,;]+=)?/)] : swapped;
}
/** What is wrong with a line, to be said behind its number. */
function faultOf$2({ name, token, text }, isFormProved, keys) {
	if (token === "" && colon.test(text)) return " has `:` between name and token: expected `name=token`, with `=`";
	if (token === "" && isFormProved && plainName.test(name)) return `, ${name}, has no token: check that its secret is set, and that this run can see it`;
	if (token === "" && keys !== void 0 && !text.includes("=")) return " is neither `name=token` nor the name of a bucket alone: 3 to 63 lower-case letters, digits, `.` and `-`";
	if (token === "") return " has no token: expected `name=token` (a secret that is not set is empty)";
	if (name === "") return " has no name: expected `name=token`";
	if (bucketOfToken(name) !== void 0) return " has a token where its name belongs: expected `name=token`";
	if (!/^\P{C}{1,100}$/u.test(name)) return " has a name that is not 1 to 100 printable characters";
	if (another.test(token)) return " has more than one bucket: expected one `name=token` a line (`buckets: |`)";
	if (!/^[\x21-\x7e]+$/.test(token)) return " has a token with a space or a character that is not ASCII: expected one bucket a line (`buckets: |`), the token without `Bearer`";
	if (/^(["']).*\1$/.test(token)) return " has a token in quotes: expected it without";
}
// src/domain/base32.ts
const codes = Uint8Array.from("abcdefghijklmnopqrstuvwxyz234567", (character) => character.charCodeAt(0));
/** A bit above the five of a character, so that it is left when the values of all are ORed. */
const invalid = 32;
/** By character code. */
const values = (/* @__PURE__ */ new Uint8Array(128)).fill(invalid);
for (const [value, code] of codes.entries()) values[code] = value;
/** Of a CIDv1 with a sha2-256: in bytes, and in characters after the prefix. */
const cidLength = 36;
const textLength = 58;
const cidBytes = Buffer.alloc(cidLength);
const textBytes = Buffer.alloc(textLength);
/**
* The 36 bytes of such a CID, one a character (latin1), from its text without the prefix; `undefined` where it is not
* the one text of just so many bytes. For a million CIDs, the library's decoder of any base takes a tenth of a run.
*/
function decode36(text) {
	if (text.length !== textLength) return void 0;
	let held = 0;
	let bits = 0;
	let at = 0;
	let all = 0;
	for (let i = 0; i < textLength; i++) {
		const value = values[text.charCodeAt(i)] ?? invalid;
		all |= value;
		held = held << 5 | value;
		bits += 5;
		if (bits < 8) continue;
		bits -= 8;
		cidBytes[at++] = held >> bits;
		held &= (1 << bits) - 1;
	}
	return all >= invalid || held !== 0 ? void 0 : cidBytes.toString("latin1");
}
/** The other way round, without the prefix. */
function encode36(latin1) {
	let held = 0;
	let bits = 0;
	let at = 0;
	for (let i = 0; i < cidLength; i++) {
		held = held << 8 | latin1.charCodeAt(i);
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			textBytes[at++] = codes[held >> bits];
			held &= (1 << bits) - 1;
		}
	}
	textBytes[at] = codes[held << 5 - bits];
	return textBytes.toString("latin1");
}
// src/domain/cid.ts
const decoders = new Map(Object.values(bases).map((base) => [base.prefix, base.decoder]));
const dagPb = 112;
const raw = 85;
const sha256Prefix = " ";
/** How the bytes of a CIDv1 begin whose multihash is a whole sha2-256, and which are 36. */
const usualV1 = new Set([dagPb, raw].map((codec) => `\x01${String.fromCharCode(codec)}${sha256Prefix}`));
/** No CID is longer: Kubo takes identity CIDs of at most 128 bytes of data. */
const longest$3 = 512;
/** Parses a CID of any version and base; `undefined` where it is none. */
function parseCid(text) {
	const key = keyOf(text);
	return key === void 0 ? void 0 : {
		text,
		key
	};
}
function keyOf(text) {
	if (text.length > longest$3) return void 0;
	const usual = text.startsWith(base32.prefix) ? decode36(text.slice(1)) : void 0;
	if (usual !== void 0 && usualV1.has(usual.slice(0, 4))) return usual.slice(1);
	const isV0 = text.startsWith("Qm");
	const decoder = isV0 ? base58btc : decoderOf(text);
	try {
		const bytes = decoder?.decode(isV0 ? `${base58btc.prefix}${text}` : text);
		return bytes && keyOfBytes(bytes, isV0 ? 0 : 1);
	} catch {
		return;
	}
}
/** One base is known by an emoji, which is two units of a string. */
function decoderOf(text) {
	return decoders.get(text.slice(0, 1)) ?? decoders.get(text.slice(0, 2));
}
/** @throws where the bytes are no CID */
function keyOfBytes(bytes, version) {
	const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
	if (version === 0 && latin1.length === 34 && latin1.startsWith(sha256Prefix)) return v0Key(latin1);
	if (CID.decode(bytes).version !== version) return void 0;
	return version === 1 ? latin1.slice(1) : v0Key(latin1);
}
function v0Key(multihash) {
	return `${String.fromCharCode(dagPb)}${multihash}`;
}
/** The texts under which nodes and services keep what a key pins, which some take for two things: CIDv0 and CIDv1. */
function cidForms(key) {
	const v0 = cidV0(key);
	return v0 === void 0 ? [cidV1(key)] : [v0, cidV1(key)];
}
/** The CIDv1 of a key, in base32. */
function cidV1(key) {
	const cid = `\x01${key}`;
	return cid.length === 36 ? base32.prefix + encode36(cid) : base32.encode(Buffer.from(cid, "latin1"));
}
/** The CIDv0 of a key; `undefined` where it has none: only dag-pb under sha2-256 does. */
function cidV0(key) {
	if (key.length !== 35 || key.charCodeAt(0) !== dagPb || !key.startsWith(sha256Prefix, 1)) return void 0;
	return base58btc.encode(Buffer.from(key.slice(1), "latin1")).slice(1);
}
// src/config/duration.ts
const units = {
	s: 1e3,
	m: 6e4,
	h: 36e5
};
const longest$2 = 576 * units.h;
/** A duration such as `30s`, `2m` or `5h`, in ms; `undefined` for anything else, for none at all, and over 24 days. */
function parseDuration(text) {
	const [, number, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
	const ms = Number(number) * units[unit];
	return ms > 0 && ms <= longest$2 ? ms : void 0;
}
// src/config/size.ts
const powers = [
	"",
	"k",
	"m",
	"g",
	"t"
];
/** A size such as `5GB`, `1.5TB` or `512MiB`, in bytes; `undefined` for anything else, and over a thousand TB. */
function parseSize(text) {
	const [, number, power, binary] = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgt]?)(i?)b$/i.exec(text) ?? [];
	if (number === void 0 || power === void 0) return void 0;
	if (binary !== "" && power === "") return void 0;
	const bytes = Math.round(Number(number) * (binary === "" ? 1e3 : 1024) ** powers.indexOf(power.toLowerCase()));
	return bytes <= 0x38d7ea4c68000 ? bytes : void 0;
}
// src/config/inputs.ts
/** The items of a list, one a line: blank lines and lines that begin with `#` are skipped. */
function listLines(text) {
	return text.split(/\r?\n/).map((line, index) => ({
		number: index + 1,
		text: line.trim()
	})).filter((line) => line.text !== "" && !line.text.startsWith("#"));
}
const flags = new Map([...[
	"true",
	"True",
	"TRUE"
].map((text) => [text, true]), ...[
	"false",
	"False",
	"FALSE"
].map((text) => [text, false])]);
/**
* The action's inputs as the runner sets them, `INPUT_DRY-RUN`. What is wrong with them is collected, so that one
* error can name it all: a reader that notes a problem returns a stand-in, which nobody uses.
* An empty input is one that was not given: `${{ inputs.direction }}` is empty in a scheduled run.
*/
var Inputs = class {
	problems = [];
	/** What is odd about them and lets the run go on. */
	warnings = [];
	#wrong = /* @__PURE__ */ new Set();
	#env;
	#secrets;
	constructor(env, secrets) {
		this.#env = env;
		this.#secrets = secrets;
	}
	/** Keeps a secret out of the runner's log, of every problem that quotes what was given, and of all that the run tells. */
	hide(secret) {
		this.#secrets.add(secret);
	}
	/** The same of what was given as a secret; warns of one that is told from nothing. */
	hideGiven(name, what, secret) {
		this.hide(secret);
		if (secret !== "" && !isDistinct(secret)) this.warning(name, `has ${what} of fewer than 8 characters, or of digits alone: it is masked in the log, but cannot be told from other text, and so not be kept out of report, summary and issue. Take a longer one.`);
	}
	/** Notes what is wrong with an input and what is expected, as the rest of a sentence that begins with its name. */
	problem(name, sentence) {
		this.problems.push(`\`${name}\` ${sentence}`);
		this.#wrong.add(name);
	}
	/** Whether nothing is wrong with any of these, as far as they were read. */
	areGood(...names) {
		return names.every((name) => !this.#wrong.has(name));
	}
	/** Notes what lets the run go on, in the same form. */
	warning(name, sentence) {
		this.warnings.push(`\`${name}\` ${sentence}`);
	}
	/** A value as it may be shown. */
	withoutSecrets(value) {
		return this.#secrets.redactInput(value);
	}
	/** A value as a problem may show it: short, on one line, without secrets. */
	quote(value) {
		const shown = this.withoutSecrets(value);
		return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
	}
	text(name) {
		return this.#raw(name).trim();
	}
	lines(name) {
		return listLines(this.#raw(name));
	}
	/** A list whose items are separated by commas or lines; each once. */
	words(name) {
		const items = this.lines(name).flatMap(({ text }) => text.split(","));
		return [...new Set(items.map((item) => item.trim()).filter((item) => item !== ""))];
	}
	flag(name, fallback) {
		const text = this.text(name);
		const value = text === "" ? fallback : flags.get(text);
		if (value === void 0) this.problem(name, `must be true or false, not ${this.quote(text)}.`);
		return value ?? fallback;
	}
	/** One of some words; the first is the default. */
	choice(name, words) {
		const text = this.text(name);
		const word = text === "" ? words[0] : words.find((candidate) => candidate === text);
		if (word === void 0) {
			const last = words.at(-1);
			const expected = words.length === 1 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
			this.problem(name, `must be ${expected}, not ${this.quote(text)}.`);
		}
		return word ?? words[0];
	}
	integer(name, fallback, max) {
		const text = this.text(name);
		if (text === "") return fallback;
		const value = /^\d+$/.test(text) ? Number(text) : 0;
		if (value < 1 || value > max) this.problem(name, `must be a whole number from 1 to ${max}, not ${this.quote(text)}.`);
		return value;
	}
	/** In ms. */
	duration(name, fallback) {
		const text = this.text(name) || fallback;
		const value = parseDuration(text);
		if (value === void 0) this.problem(name, `must be a whole number and its unit, such as 30s, 2m or 5h, more than 0 and at most 24 days, not ${this.quote(text)}.`);
		return value ?? 0;
	}
	/** The same; `0s` is for none at all, which is 0. */
	durationOrNone(name, fallback) {
		return /^0+[smh]$/.test(this.text(name)) ? 0 : this.duration(name, fallback);
	}
	/** In bytes; `null` where none is given. */
	size(name, least) {
		const text = this.text(name);
		if (text === "") return null;
		const value = parseSize(text);
		if (value !== void 0 && value >= least) return value;
		const expected = `a size such as 500MB, 5GB, 1.5TB or 512GiB${least > 0 ? ", more than 0" : ""}`;
		this.problem(name, `must be ${expected}, not ${this.quote(text)}.`);
		return null;
	}
	#raw(name) {
		return this.#env[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "";
	}
};
// src/config/cids.ts
/** `ignore`: CIDs, one a line; a line `@path` stands for a file of them, its path relative to the workspace. */
function readIgnore(inputs, workspace) {
	const ignored = /* @__PURE__ */ new Map();
	function add(lines, place) {
		const bad = [];
		for (const { number, text } of lines) {
			const cid = parseCid(text);
			if (cid === void 0) bad.push(number);
			else ignored.set(cid.key, cid);
		}
		if (bad.length > 0) inputs.problem("ignore", `must hold one CID a line${place}: ${areNoCids(bad)}.`);
	}
	const lines = inputs.lines("ignore");
	add(lines.filter(({ text }) => !text.startsWith("@")), "");
	for (const { number, text } of lines.filter((line) => line.text.startsWith("@"))) {
		const path = text.slice(1).trim();
		try {
			add(listLines(readList(resolve(workspace, path))), ` in ${inputs.quote(path)}`);
		} catch (error) {
			const code = error.code ?? error.message;
			inputs.problem("ignore", `line ${number} names a file that cannot be read (${code}): ${inputs.quote(path)}; expected a path relative to the workspace.`);
		}
	}
	return ignored;
}
/** A million CIDs are 60 MB. */
const longestList$1 = 134217728;
/**
* A file of the workspace, where others may have put what is none: a FIFO would hold the process up for ever, with no
* signal heard, and a device would never end.
*/
function readList(path) {
	const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	try {
		const stat = fstatSync(file);
		if (!stat.isFile() && !stat.isDirectory()) throw new Error("it is no regular file");
		if (stat.size > longestList$1) throw new Error(`it has more than ${longestList$1} bytes`);
		return readFileSync(file, "utf8");
	} finally {
		closeSync(file);
	}
}
/** `inspect`: strings separated by lines, spaces or commas, each once. Whether they are CIDs is part of the report. */
function readInspect(inputs) {
	const words = inputs.lines("inspect").flatMap(({ text }) => inputs.withoutSecrets(text).split(/[\s,]+/)).filter((word) => word !== "");
	if (words.length === 0 && inputs.text("inspect") !== "") inputs.problem("inspect", "holds separators or comments alone: expected CIDs, or nothing at all where the run is to sync.");
	return [...new Set(words)];
}
/** `line 3 is not a CID`, `lines 3 and 9 are not CIDs`, or the first five and how many more. */
function areNoCids(lines) {
	if (lines.length === 1) return `line ${lines[0]} is not a CID`;
	const more = lines.length - 5;
	const [first, last] = more > 0 ? [lines.slice(0, 5), `${more} more`] : [lines.slice(0, -1), lines.at(-1)];
	return `lines ${first.join(", ")} and ${last} are not CIDs`;
}
// src/domain/glob-syntax.ts
/** What is wrong with a glob, as the rest of a sentence that begins with it. */
var GlobError = class extends Error {
	name = "GlobError";
};
/**
* Reads a glob: `?` for one character other than `/`, `*` for any number of these, `**` for `/` as well, `[a-z]` and
* `[!a-z]`, `{one,other}`, and `\` before a character that is meant as it is. At the start of a part between slashes,
* `**` and the `/` behind it also stand for nothing. All else that shells know is refused, not taken for itself.
* @throws GlobError
*/
function readGlob(text) {
	if (text.startsWith("!")) throw new GlobError("begins with `!`, and a glob cannot exclude names");
	const { parts } = new Reader(text).sequence({
		isInBraces: false,
		isPartStart: true
	});
	return parts;
}
const slash = 47;
const notSlash = (char) => char !== slash;
const any = () => true;
var Reader = class {
	#chars;
	#at = 0;
	constructor(text) {
		this.#chars = [...text];
	}
	/** Up to the end of the glob or, in braces, up to the next `,` or `}`. */
	sequence(place) {
		const parts = [];
		let { isPartStart } = place;
		for (;;) {
			const char = this.#chars[this.#at];
			if (char === void 0 || place.isInBraces && (char === "," || char === "}")) return {
				parts,
				isPartStart
			};
			this.#refuseExtended();
			this.#at++;
			if (char === "{") {
				const braces = this.#braces(isPartStart);
				parts.push(...braces.parts);
				isPartStart = braces.isPartStart;
				continue;
			}
			if (char === "*") parts.push(this.#stars(isPartStart));
			else if (char === "?") parts.push({
				takes: notSlash,
				isRun: false
			});
			else if (char === "[") parts.push({
				takes: this.#set(),
				isRun: false
			});
			else parts.push(one(char === "\\" ? this.#escaped() : char));
			isPartStart = this.#chars[this.#at - 1] === "/";
		}
	}
	/** Behind the first star. */
	#stars(isPartStart) {
		const from = this.#at - 1;
		while (this.#chars[this.#at] === "*") this.#at++;
		this.#refuseExtended(this.#at - 1);
		if (this.#at - from === 1) return {
			takes: notSlash,
			isRun: true
		};
		const run = {
			takes: any,
			isRun: true
		};
		if (!isPartStart || this.#chars[this.#at] !== "/") return run;
		this.#at++;
		return { either: [[], [run, one("/")]] };
	}
	/** Behind `{`. */
	#braces(isPartStart) {
		const either = [];
		do
			either.push(this.sequence({
				isInBraces: true,
				isPartStart
			}));
		while (this.#chars[this.#at++] === ",");
		if (this.#chars[this.#at - 1] !== "}") throw new GlobError(`has a \`{\` without its \`}\`; ${meant("{")}`);
		if (either.length === 1) throw new GlobError(`has \`{…}\` without a comma, and knows no ranges such as \`{1..3}\`; ${meant("{")}`);
		return {
			parts: [{ either: either.map(({ parts }) => parts) }],
			isPartStart: either.every((sequence) => sequence.isPartStart)
		};
	}
	/** Behind `[`. */
	#set() {
		const isNegated = ["!", "^"].includes(this.#chars[this.#at] ?? "");
		if (isNegated) this.#at++;
		const ranges = [];
		for (let isFirst = true; isFirst || this.#chars[this.#at] !== "]"; isFirst = false) {
			const from = this.#setMember();
			const isRange = this.#chars[this.#at] === "-" && this.#chars[this.#at + 1] !== "]";
			if (isRange) this.#at++;
			const to = isRange ? this.#setMember() : from;
			if (to < from) throw new GlobError("has a range in `[…]` whose end comes before its start");
			ranges.push({
				from,
				to
			});
		}
		this.#at++;
		return (char) => notSlash(char) && ranges.some(({ from, to }) => from <= char && char <= to) !== isNegated;
	}
	#setMember() {
		const char = this.#chars[this.#at++];
		if (char === void 0) throw new GlobError(`has a \`[\` without its \`]\`; ${meant("[")}`);
		if (char === "[" && [
			":",
			".",
			"="
		].includes(this.#chars[this.#at] ?? "")) throw new GlobError(`has \`[${this.#chars[this.#at]}\` in \`[…]\`, and knows no named sets`);
		return codeOf(char === "\\" ? this.#escaped() : char);
	}
	/** Behind `\`. */
	#escaped() {
		const char = this.#chars[this.#at++];
		if (char === void 0) throw new GlobError("ends in `\\`, which needs a character behind it");
		return char;
	}
	#refuseExtended(at = this.#at) {
		const char = this.#chars[at] ?? "";
		if ("?*+@!".includes(char) && this.#chars[at + 1] === "(") throw new GlobError(`has \`${char}(\`, an extended pattern; ${meant("(")}`);
	}
};
const meant = (char) => `where the character itself is meant, write \`\\${char}\``;
const codeOf = (char) => char.codePointAt(0);
function one(char) {
	const code = codeOf(char);
	return {
		takes: (other) => other === code,
		isRun: false
	};
}
// src/config/globs.ts
/** No pin's name is longer than 255 bytes. */
const longest$1 = 1e3;
/** `only-names`: globs that `readGlob` takes. */
function readGlobs(inputs) {
	const globs = inputs.lines("only-names");
	if (globs.length === 0 && inputs.text("only-names") !== "") inputs.problem("only-names", "holds comments alone: expected globs, one a line, or nothing at all where pins of every name are meant.");
	for (const { number, text } of globs) {
		const problem = problemOf$1(text);
		if (problem !== void 0) inputs.problem("only-names", `line ${number} is no glob, ${inputs.quote(text)}: it ${problem}.`);
	}
	return globs.map(({ text }) => text);
}
function problemOf$1(text) {
	if (text.length > longest$1) return `has more than ${longest$1} characters`;
	try {
		readGlob(text);
		return;
	} catch (error) {
		if (error instanceof GlobError) return error.message;
		throw error;
	}
}
// src/config/issue.ts
/** `issue-labels`: at most 50 characters each, which is GitHub's limit. */
function readLabels(inputs) {
	const labels = inputs.words("issue-labels");
	for (const label of labels) if (label.length > 50) inputs.problem("issue-labels", `must be labels of at most 50 characters, unlike ${inputs.quote(label)}.`);
	return labels.length > 0 ? labels : ["ipfs-pin-mirror"];
}
/** `issue-assignees`: GitHub's user names, apps among them. */
function readAssignees(inputs) {
	const logins = inputs.words("issue-assignees");
	for (const login of logins) if (!/^[\w-]+(\[bot\])?$/.test(login)) inputs.problem("issue-assignees", `must be GitHub user names without @, unlike ${inputs.quote(login)}.`);
	if (logins.length > 10) inputs.problem("issue-assignees", `must be at most 10 names, which is GitHub's limit; there are ${logins.length}.`);
	return logins;
}
// src/config/limits.ts
/** `keep-free` where nobody chose it. */
const unchosen = 5e9;
/** `keep-free` and `max-bytes`: what a backup leaves of the node's disk, and of the service's bill. */
function readLimits(inputs, nodeKind) {
	const maxBytes = inputs.size("max-bytes", 1);
	if (maxBytes !== null && nodeKind === "cluster") inputs.problem("max-bytes", "is for `node-kind: kubo`: a cluster does not tell how many bytes it fetches.");
	const keepFree = inputs.size("keep-free", 0) ?? unchosen;
	if (nodeKind === "cluster" && keepFree !== unchosen && keepFree !== 0) inputs.warning("keep-free", "counts for nothing with `node-kind: cluster`, which does not tell its room.");
	return {
		keepFree,
		maxBytes
	};
}
// src/domain/delegate-bounds.ts
/** A service says what it likes: none of it may grow without bound. The specification allows 20 delegates a request. */
const mostDelegates = {
	peers: 1e3,
	addressesOfPeer: 20,
	perRequest: 20,
	/** Of addresses, or lists of them, what they were found to be. */
	memo: 1e4,
	/** How many that are left out are told apart. */
	counted: 1e4
};
/** In characters. */
const longestAddress = 1e3;
/** How long the addresses of a request may be as JSON, which writes some characters as six. */
const longestList = 2 + mostDelegates.perRequest * 6003;
// src/domain/instants.ts
/** `Infinity` where there are none. */
function earliest(instants) {
	return instants.reduce((first, one) => Math.min(first, one), Number.POSITIVE_INFINITY);
}
/** `-Infinity` where there are none. */
function latest(instants) {
	return instants.reduce((last, one) => Math.max(last, one), Number.NEGATIVE_INFINITY);
}
// src/domain/delegate.ts
/**
* The peer ID that a delegate's multiaddr ends in, in base58 as nodes show it, however the address writes it;
* `undefined` where it does not parse or names no peer, or one by more than any ID takes.
*/
function peerIdOf(address) {
	try {
		const last = multiaddr(multiaddr(address).bytes).getComponents().at(-1);
		if (last?.name !== "p2p" || last.value === void 0 || last.value.length > 200) return void 0;
		decode(base58btc.baseDecode(last.value));
		return last.value;
	} catch {
		return;
	}
}
/** The peers among the addresses seen, in the order in which they were first seen. */
function peersOf(seen) {
	return [...Map.groupBy(seen.filter(({ peerId }) => peerId !== null), ({ peerId }) => peerId)].map(([peerId, addresses]) => ({
		peerId,
		addrs: addresses.map(({ address }) => address).sort(),
		firstSeen: earliest(addresses.map(({ firstSeen }) => firstSeen)),
		lastSeen: latest(addresses.map(({ lastSeen }) => lastSeen)),
		exampleCid: addresses[0].exampleCid,
		buckets: [...new Set(addresses.flatMap(({ buckets }) => buckets))].sort()
	})).sort((a, b) => a.firstSeen - b.firstSeen || a.peerId.localeCompare(b.peerId));
}
// src/config/peers.ts
/** Filebase's peers of today. They were others in 2023: one that is not among these is reported as unknown. */
const filebaseDelegates = [
	"12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B",
	"12D3KooWC8RkG22G2Jp7wdBtMDxG4LLn6d3sDfqtqXBytpyNhXTM",
	"12D3KooW9x6zfqWH46VYQoFDdfPuQqoc56L359NM6pQedrSHrv6R"
].map((peerId, index) => ({
	peerId,
	addrs: [`/dns4/ipfs-pin-${index}.vin1.filebase.io/tcp/4001/p2p/${peerId}`]
}));
/** `delegates`, by peer; where none are given, Filebase's at Filebase. Addresses keep their `/p2p/ID`. */
function readDelegates(inputs, endpoint) {
	const given = readPeerAddresses(inputs, "delegates");
	if (given.length === 0) return endpoint.host === "api.filebase.io" ? filebaseDelegates : void 0;
	return [...Map.groupBy(given, ({ peerId }) => peerId)].map(([peerId, peers]) => ({
		peerId,
		addrs: peers.map(({ address }) => address)
	}));
}
/** `origins`: `auto`, `none` or addresses. */
function readOrigins(inputs) {
	const text = inputs.text("origins") || "auto";
	if (text === "auto" || text === "none") return text;
	if (inputs.lines("origins").length === 0) inputs.problem("origins", "holds comments alone: expected auto, none, or multiaddrs, one a line.");
	const addresses = readPeerAddresses(inputs, "origins").map(({ address }) => address);
	if (addresses.length > 20) inputs.problem("origins", `must be at most 20 multiaddrs; there are ${addresses.length}.`);
	return addresses;
}
/** Distinct multiaddrs, one a line. Without a peer ID at its end nobody can dial one. */
function readPeerAddresses(inputs, name) {
	const peers = /* @__PURE__ */ new Map();
	for (const { number, text } of inputs.lines(name)) {
		const peerId = peerIdOf(text);
		if (peerId !== void 0) peers.set(text, peerId);
		else inputs.problem(name, `line ${number} must be a multiaddr that ends in /p2p/ and a peer ID, not ${inputs.quote(text)}.`);
	}
	return [...peers].map(([address, peerId]) => ({
		address,
		peerId
	}));
}
// src/config/proxies.ts
/**
* The proxy that this machine has for a URL, found as the runner and GitHub's toolkit find it: `https_proxy` and
* `no_proxy`, in lower or upper case; this machine itself is never asked through one. Plain http has none: it goes to
* private networks only, which is seen where a name leads here, and a proxy would read the token.
*/
function proxyFor(url) {
	const found = url.protocol === "https:" ? getProxyUrl(url) : void 0;
	return (found && addressOf(found.href)) ?? void 0;
}
/** Masks the credentials of proxies, and checks the one that `proxyFor` may find. */
function checkProxies(inputs, env) {
	for (const name of [
		"https_proxy",
		"HTTPS_PROXY",
		"http_proxy",
		"HTTP_PROXY"
	]) hideCredentials(inputs, env[name] ?? "");
	const name = env["https_proxy"] ? "https_proxy" : "HTTPS_PROXY";
	const given = env[name];
	if (!given || /^https?:$/.test(addressOf(given)?.protocol ?? "")) return;
	inputs.problem(name, "must be the address of a proxy that begins with http:// or https://.");
}
/** Without `//`, `proxy.lan:3128` would be a URL of the scheme `proxy.lan`, which the toolkit takes it for. */
function addressOf(given) {
	return URL.parse(given.includes("://") ? given : `http://${given}`);
}
// src/config/snapshot.ts
/** `snapshot-dir`: a folder on the box, relative to the workspace; `undefined` for none. */
function readSnapshotDir(inputs, workspace) {
	const given = inputs.text("snapshot-dir");
	if (given === "") return void 0;
	if (given.startsWith("~")) inputs.problem("snapshot-dir", "must be a path without `~`, which only a shell understands.");
	return isAbsolute(given) ? given : resolve(workspace, given);
}
/** It becomes part of a file's name and of a cache key. */
function readCacheKey(inputs) {
	const key = inputs.text("cache-key") || "ipfs-pin-mirror";
	if (!/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(key)) inputs.problem("cache-key", `must be 1 to 100 letters, digits, ., _ or -, not ${inputs.quote(key)}.`);
	return key;
}
// src/config/config.ts
/** What says whose run it is, whether it is to be told in the issue, and whether it is one that mirrors anything. */
const inputsOfMirror = [...[
	"cache-key",
	"endpoint",
	"snapshot-dir",
	"cache",
	"dry-run",
	"inspect"
], ...[
	"issue",
	"issue-labels",
	"issue-assignees",
	"GITHUB_API_URL"
]];
/**
* Reads the inputs (`INPUT_*`), all of them before anything is asked of anybody. Each has a reader of its own; a reader
* notes what is wrong and goes on, so that everything is named at once.
* @param github what the runner says of the run
* @param secrets told every secret before anything can fail
* @returns a config, or everything that is wrong with the inputs at once, which shows no secret
*/
function readConfig(env, github, secrets) {
	const inputs = new Inputs(env, secrets);
	for (const name of ["ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]) inputs.hide(env[name] ?? "");
	checkProxies(inputs, env);
	const githubToken = inputs.text("github-token") || void 0;
	inputs.hide(githubToken ?? "");
	const keys = readFilebaseKeys(inputs);
	const buckets = readBuckets(inputs, keys);
	const nodeAuthorization = readAuthorization(inputs);
	const heartbeatUrl = readHeartbeatUrl(inputs);
	const endpoint = readEndpoint(inputs);
	const nodeUrl = readNodeUrl(inputs);
	checkFilebaseTokens(inputs, buckets, endpoint);
	checkApiUrl(inputs, github.apiUrl);
	const direction = inputs.choice("direction", [
		"backup",
		"update",
		"both"
	]);
	checkMatrix(inputs, buckets, direction);
	const ending = {
		direction,
		dryRun: inputs.flag("dry-run", false),
		isInspection: inputs.text("inspect") !== "",
		heartbeatUrl,
		failOn: inputs.choice("fail-on", ["error", "failed-pins"]),
		github
	};
	const ignoredBuckets = inputs.lines("ignore-buckets").map(({ text }) => text);
	const nodeKind = inputs.choice("node-kind", ["kubo", "cluster"]);
	const config = {
		...ending,
		inspect: readInspect(inputs),
		endpoint,
		buckets,
		targetBucket: readTargetBucket(inputs, buckets, direction),
		accountCheck: readAccountCheck(inputs, {
			buckets,
			keys,
			endpoint,
			ignored: ignoredBuckets
		}),
		ignoredBuckets,
		nodeUrl,
		nodeKind,
		nodeAuthorization,
		delegates: readDelegates(inputs, endpoint),
		peering: inputs.choice("peering", [
			"report",
			"connect",
			"save"
		]),
		origins: readOrigins(inputs),
		onlyNames: readGlobs(inputs),
		fullListing: inputs.flag("full-listing", false),
		snapshotDir: readSnapshotDir(inputs, github.workspace),
		cache: inputs.flag("cache", true),
		cacheKey: readCacheKey(inputs),
		concurrency: inputs.integer("concurrency", 32, 256),
		requestsPerSecond: inputs.integer("requests-per-second", 50, 1e3),
		...readLimits(inputs, nodeKind),
		stallTimeout: inputs.duration("stall-timeout", "2m"),
		settleTimeout: inputs.duration("settle-timeout", "10m"),
		attempts: inputs.integer("attempts", 3, 100),
		timeLimit: inputs.duration("time-limit", "5h"),
		verifyTime: inputs.durationOrNone("verify-time", "5m"),
		manifest: inputs.flag("manifest", false),
		gateways: readGateways(inputs),
		ignore: readIgnore(inputs, github.workspace),
		failedRequests: inputs.choice("failed-requests", ["replace", "report"]),
		issue: inputs.flag("issue", true),
		issueLabels: readLabels(inputs),
		issueAssignees: readAssignees(inputs),
		githubToken
	};
	const { problems, warnings } = inputs;
	if (problems.length > 0) return {
		isGood: false,
		problems,
		warnings,
		ending,
		mirror: inputs.areGood(...inputsOfMirror) && !config.dryRun && !config.isInspection ? config : void 0
	};
	return {
		isGood: true,
		config: deepFreeze(config),
		warnings,
		ending
	};
}
/** Freezes plain objects and lists; URLs and maps keep their state out of a freeze's reach, and only their types hold. */
function deepFreeze(value) {
	if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
	if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) for (const part of Object.values(value)) deepFreeze(part);
	return Object.freeze(value);
}
// src/config/github.ts
/**
* What the runner says of the run. Never fails, so that a run with bad inputs can still write its report; outside a
* runner the stand-ins are those of a run by hand in the working directory.
*/
function readGitHubContext(env) {
	const of = (name, fallback) => env[name]?.trim() || fallback;
	return Object.freeze({
		repository: env["GITHUB_REPOSITORY"]?.trim() || void 0,
		apiUrl: of("GITHUB_API_URL", "https://api.github.com").replace(/(?<!\/)\/+$/, ""),
		serverUrl: of("GITHUB_SERVER_URL", "https://github.com").replace(/(?<!\/)\/+$/, ""),
		runId: of("GITHUB_RUN_ID", "0"),
		runAttempt: of("GITHUB_RUN_ATTEMPT", "1"),
		workspace: env["GITHUB_WORKSPACE"]?.trim() || process.cwd(),
		reportPath: join(of("RUNNER_TEMP", tmpdir()), "ipfs-pin-mirror", of("GITHUB_ACTION", "local"), "report.json"),
		summaryPath: env["GITHUB_STEP_SUMMARY"]?.trim() || void 0,
		isHosted: env["RUNNER_ENVIRONMENT"] === "github-hosted",
		manual: env["GITHUB_EVENT_NAME"] === "workflow_dispatch"
	});
}
// src/domain/history.ts
const conclusions = [
	"error",
	"cancelled",
	"out-of-time",
	"failed-pins",
	"ok"
];
const noStreaks = {
	inStepSince: null,
	failing: null
};
/** A run that was cancelled tells nothing of how things stand. */
function streaksAfter(before, { startedAt, conclusion, doubted }) {
	switch (conclusion) {
		case "cancelled": return before;
		case "error": {
			const { since, runs } = before.failing ?? {
				since: startedAt,
				runs: 0
			};
			return {
				inStepSince: null,
				failing: {
					since,
					runs: runs + 1
				}
			};
		}
		case "ok":
			if (doubted) return noStreaks;
			return {
				inStepSince: before.inStepSince ?? startedAt,
				failing: null
			};
		default: return noStreaks;
	}
}
// src/domain/reasons/blanked.ts
/** A message without what differs from one CID to the next: numbers, CIDs, and whatever else has a digit or is long. */
function blanked(text) {
	return text.replaceAll(/\w+/g, (word) => /\d/.test(word) || word.length >= shortestCid ? "#" : word);
}
const shortestCid = 40;
// src/domain/reasons/classes.ts
/** What is known of why CIDs fail: a short name for all that fail alike, and whether to try them again. */
const retries = {
	"no-block": "later",
	stalled: "later",
	"timed-out": "later",
	"broken-off": "later",
	unreadable: "later",
	vanished: "later",
	"refused-hash": "never",
	"digest-size": "never",
	"unknown-codec": "never",
	undecodable: "never",
	"missing-block": "later",
	"corrupt-block": "later",
	unread: "later",
	"gave-up": "later",
	unsaid: "later",
	"sent-in-vain": "later"
};
Object.keys(retries);
function retryOf(reasonClass) {
	return isKnown(reasonClass) ? retries[reasonClass] : "later";
}
function isKnown(reasonClass) {
	return Object.hasOwn(retries, reasonClass);
}
/** What is nobody's but these words': the same for messages that differ only in numbers, CIDs and the like. */
function ownClass(words) {
	const text = blanked(words);
	return `other-${[text.slice(0, 200).toLowerCase().split(/[^a-z]+/).filter((word) => word !== "").join("-").slice(0, longestSlug), createHash("sha256").update(text).digest("hex").slice(0, 6)].filter((part) => part !== "").join("-")}`;
}
const longestSlug = 40;
// src/errors.ts
function through({ method, url, proxy }) {
	return `${method} ${url}${proxy === void 0 ? "" : ` through the proxy ${proxy}`}`;
}
/** A request that did not bring what was asked for. */
var RequestError = class extends Error {
	method;
	url;
	proxy;
	constructor(message, facts, cause) {
		super(message, { cause });
		this.method = facts.method;
		this.url = facts.url;
		this.proxy = facts.proxy;
	}
};
/** No answer, or not all of it: refused, reset, cut, unresolvable. `code` is the system's (`ECONNREFUSED`). */
var NoAnswerError = class extends RequestError {
	name = "NoAnswerError";
	code;
	constructor(facts, cause) {
		super(`${through(facts)}: no answer (${facts.detail})`, facts, cause);
		this.code = facts.code;
	}
};
/** A proxy does not make the way to a server: it answered CONNECT with this status. */
var TunnelError = class extends Error {
	name = "TunnelError";
	code = "ETUNNEL";
	status;
	constructor(status) {
		super(`the proxy does not let it through, status ${status}; ${status === 407 ? "it asks for credentials: check those in https_proxy" : "check https_proxy, and name the server in no_proxy where it needs no proxy"}`);
		this.status = status;
	}
};
/** A deadline passed: `waitedMs` without the whole answer. */
var DeadlineError = class extends RequestError {
	name = "DeadlineError";
	waitedMs;
	constructor(facts) {
		super(`${through(facts)}: no answer within ${facts.waitedMs / 1e3} s`, facts);
		this.waitedMs = facts.waitedMs;
	}
};
/** An answer with a status other than 2xx. Redirects are among them: none is followed. */
var StatusError = class extends RequestError {
	name = "StatusError";
	status;
	/** The body as text, at most 64 KiB of it. */
	body;
	/** How long the server asks to wait, in ms, where it says. */
	retryAfterMs;
	constructor(facts) {
		super(`${facts.method} ${facts.url}: status ${facts.status}`, facts);
		this.status = facts.status;
		this.body = facts.body;
		this.retryAfterMs = facts.retryAfterMs;
	}
};
/** An answer that is not what the API promises: not JSON, a field missing, larger than it may be. */
var BadAnswerError = class extends RequestError {
	name = "BadAnswerError";
	constructor(facts, cause) {
		super(`${facts.method} ${facts.url}: ${facts.detail}`, facts, cause);
	}
};
/** The service refused in its own words: `{"error":{"reason","details"}}`. */
var ServiceError = class extends Error {
	name = "ServiceError";
	status;
	reason;
	details;
	constructor(facts, cause) {
		super(facts.message, { cause });
		this.status = facts.status;
		this.reason = facts.reason;
		this.details = facts.details;
	}
};
/** What each fault of a node is called in a headline, and what a person does about it. */
const nodeFaults = {
	unreachable: {
		short: "the node does not answer",
		todo: "Start the node, or correct `node-url`"
	},
	unauthorised: {
		short: "the node refuses this action",
		todo: "Let this action use the node"
	},
	"no-space": {
		short: "the disk of the node is full",
		todo: "Make room on the disk of the node"
	},
	"bad-answer": {
		short: "the node does not answer as it should",
		todo: "Look at the node"
	},
	"too-old": {
		short: "the Kubo of the node is too old",
		todo: "Update Kubo"
	},
	stuck: {
		short: "nothing moves on the node",
		todo: "Look at what holds the node up"
	},
	peers: {
		short: "peers of the cluster do not do their part",
		todo: "Bring the peers of the cluster back"
	}
};
/** A fault of the whole node (unreachable, unauthorised, disk full, stuck): nothing more is asked of it in this run. */
var NodeError = class extends Error {
	name = "NodeError";
	fault;
	constructor(fault, message, cause) {
		super(message, { cause });
		this.fault = fault;
	}
	get short() {
		return nodeFaults[this.fault].short;
	}
	get todo() {
		return nodeFaults[this.fault].todo;
	}
};
/** The node could not pin one CID; others may do well. */
var PinError = class extends Error {
	name = "PinError";
	class;
	/** It ends as the words of a system do that has no room, which content can bring about too. */
	saysFull;
	/** It cannot be read, so that no other fares as this one. */
	isOwn;
	/** @param options.class what the message says, as whoever knows its words has read it */
	constructor(message, options = {}) {
		super(message, { cause: options.cause });
		this.class = options.class ?? ownClass(message);
		this.saysFull = options.saysFull ?? false;
		this.isOwn = options.isOwn ?? false;
	}
	get why() {
		return {
			reason: this.message,
			class: this.class
		};
	}
};
/** The node could not dial a peer. */
var PeerError = class extends Error {
	name = "PeerError";
};
/** The snapshot cannot be worked on. `path` is its file. */
var SnapshotError = class extends Error {
	path;
	constructor(message, path, cause) {
		super(message, { cause });
		this.path = path;
	}
};
/** Another process holds the snapshot: a run of the same mirror on this box that has not ended. */
var SnapshotBusyError = class extends SnapshotError {
	name = "SnapshotBusyError";
	short = "another run of this mirror is at work on this box";
	todo = "Keep runs of this mirror from overlapping";
	constructor(path, cause) {
		super(`another run of this mirror is at work on this box and holds ${path}: let it end, keep runs from overlapping with \`concurrency:\`, or give this job a \`cache-key\` of its own`, path, cause);
	}
};
/** No snapshot can be opened or made at its place. */
var SnapshotUnusableError = class extends SnapshotError {
	name = "SnapshotUnusableError";
	short = "the snapshot cannot be kept";
	todo = "Give the snapshot a folder";
	constructor(path, cause) {
		super(`no snapshot can be kept at ${path} (${cause.message}): check that the disk has room and that the runner's user may write there (\`sudo install -d -o ${process.getuid?.() ?? "USER"} ${dirname(dirname(path))}\` makes such a folder), or name another with \`snapshot-dir\``, path, cause);
	}
};
/** An error that ended something, as a problem of the run: a fault of the world outside, or else a defect. */
function problemOf(where, error) {
	if (error instanceof NodeError || error instanceof SnapshotError) {
		const { message, short, todo } = error;
		return {
			where,
			message,
			short,
			todo,
			isError: true
		};
	}
	return error instanceof ServiceError || error instanceof RequestError ? {
		where,
		message: error.message,
		isError: true
	} : defectOf(where, error);
}
/** What nobody foresaw, with where in the program it is. */
function defectOf(where, error) {
	return {
		where,
		message: `a defect of IPFS Pin Mirror ended the run: what was done is kept, and the next run goes on from it. Please report it where you have the action from, with these lines: ${error instanceof Error && error.stack || inspect(error, { depth: 0 })}`,
		short: "a defect of IPFS Pin Mirror ended the run",
		todo: "Report a defect",
		isError: true
	};
}
/** What was thrown need not be an error. */
function messageOf(error) {
	return error instanceof Error ? error.message : String(error);
}
// src/domain/moment.ts
const hour = 36e5;
const day = 24 * hour;
const week = 7 * day;
/**
* Whether so much time has surely passed. A clock that jumped ahead proves nothing by itself: both must say so where
* both are known. One that was ahead and was put back cannot tell, and leaves it to the other.
*/
function hasPassed(ms, since, now) {
	const here = between(since.here, now.here);
	const byService = between(since.service, now.service);
	if (here === null && byService === null) return false;
	return (here === null || here >= ms) && (byService === null || byService >= ms);
}
/**
* `null` where a clock cannot tell. One that is a little behind was not put back: answers tell whole seconds, and the
* servers of a service do not agree to the second.
*/
function between(since, now) {
	return since === null || now === null || now < since - 36e5 ? null : Math.max(0, now - since);
}
// src/secrets/finder.ts
/** The last characters of a window, by which it is told how far the next one may be. */
const blockLength = 3;
const places = 2 ** 15;
/**
* Finds texts in a text, all in one pass that mostly jumps (the algorithm of Wu and Manber): what is looked at are the
* three characters at the end of a window as long as the shortest text. Where none of the texts has them near, the
* window moves on by nearly its length.
*/
var Finder = class {
	#window;
	/** By a block's hash, how far the window may move on: 0 where it may be what is looked for. */
	#shifts = new Uint8Array(places);
	/** The texts whose first window ends in a block, by its hash. */
	#texts = /* @__PURE__ */ new Map();
	/** @param texts each of at least 8 characters */
	constructor(texts) {
		this.#window = texts.reduce((shortest, { length }) => Math.min(shortest, length), 255);
		this.#shifts.fill(this.#window - blockLength + 1);
		for (const text of texts) {
			for (let end = 2; end < this.#window; end++) {
				const hash = hashAt(text, end);
				this.#shifts[hash] = Math.min(this.#shifts[hash], this.#window - 1 - end);
			}
			const hash = hashAt(text, this.#window - 1);
			this.#texts.set(hash, [...this.#texts.get(hash) ?? [], text]);
		}
	}
	/** Where they are: the longest at each place; stretches may overlap. */
	find(text) {
		const spans = [];
		for (let end = this.#window - 1; end < text.length;) {
			const hash = hashAt(text, end);
			const shift = this.#shifts[hash];
			if (shift === 0) {
				const start = end - this.#window + 1;
				const length = this.#lengthAt(text, start, hash);
				if (length > 0) spans.push({
					start,
					end: start + length
				});
			}
			end += shift || 1;
		}
		return spans;
	}
	#lengthAt(text, start, hash) {
		let longest = 0;
		for (const one of this.#texts.get(hash) ?? []) if (one.length > longest && text.startsWith(one, start)) longest = one.length;
		return longest;
	}
};
function hashAt(text, end) {
	return text.charCodeAt(end) + (text.charCodeAt(end - 1) << 5) + (text.charCodeAt(end - 2) << 10) & places - 1;
}
const ofBase64 = /[\w+/=-]/;
/** What stands before the brace that ends a line of JSON, and not before the one of `\u{41}`. */
const beforeBrace = /(?:^|["{}\]\s]|:\s*[\w.+-]{1,30})$/;
/**
* A text without the line breaks, and what is blank beside them, between two letters of Base64: MIME has it in lines of
* 76, PEM of 64, Ruby of 60, and YAML indents them.
*/
function unbroken(source) {
	const rewritten = new Rewritten(source);
	let done = 0;
	for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", done)) {
		let start = at;
		while (start > done && isBlank(source.charAt(start - 1))) start--;
		done = at + 1;
		if (!ofBase64.test(source.charAt(start - 1))) continue;
		while (isBlank(source.charAt(done))) done++;
		if (ofBase64.test(source.charAt(done)) && done - start <= 100) rewritten.replace(start, done, "");
	}
	return rewritten;
}
/**
* Where the last line from a place on ends that does not go on behind its break, in whatever way its letters are
* escaped: most lines do not, as those of JSON, which end in a brace. 0 for none.
*/
function endOfLines(text, from) {
	let at = text.lastIndexOf("\n");
	while (at >= from) {
		let end = at;
		while (end > at - 100 && isFilling(text.charAt(end - 1))) end--;
		if (!mayGoOn(text, end)) return at + 1;
		at = text.lastIndexOf("\n", end - 1);
	}
	return 0;
}
/** Whether a letter of Base64 may end there, be it by an escape. Behind a backslash the break itself is escaped. */
function mayGoOn(text, end) {
	const last = text.charAt(end - 1);
	if (last === "}") return !beforeBrace.test(text.slice(Math.max(0, end - 100), end - 1));
	return last === ";" || last === "\\" || ofBase64.test(last);
}
/** NULs too, as UTF-16 has them. */
function isFilling(character) {
	return character === "\0" || isBlank(character);
}
function isBlank(character) {
	return character === " " || character === "\n" || character === "\r" || character === "	";
}
/**
* Of the characters that one of a secret is written with: each of those of an escape may be escaped in its turn, and as
* many may be between it and the next, of UTF-16 and of line breaks.
*/
const longestLetter = 3456;
/**
* In characters. To look through more at a time holds the process up: of a JSON Web Token of 1,400 letters each would
* take 3,456. What takes more than this is found where a text is looked through as a whole, as all that is short is.
*/
const mostKeptBack = 1048576;
/**
* The secrets of a run, and the one way to take them out of a text: as they are, their parts, in Base64, in lines too,
* and escaped in any mixture of the manners of URLs, JSON and HTML. What is to be cut short is cut afterwards: a piece
* of a secret is not known any more.
*
* Texts under 8 characters, and numbers of up to 16 digits, are no secrets that could be told from what has them by
* chance (a piece of a CID, a size): the runner masks them in its log, and nothing else is done for them.
*/
var Secrets = class {
	#mask;
	#given = /* @__PURE__ */ new Set();
	/** Made when it is first needed. */
	#finder;
	#longest = 0;
	#hasSpaces = false;
	/** @param mask given every secret and its parts at once, before anything can fail */
	constructor(mask = () => {}) {
		this.#mask = mask;
	}
	/** From now on a secret is known. */
	add(secret) {
		for (const one of [secret, ...partsOf(secret)]) {
			if (one === "" || this.#given.has(one)) continue;
			this.#given.add(one);
			this.#finder = void 0;
			this.#mask(one);
		}
	}
	/** A text without any of them. */
	redact(text) {
		return masked(text, this.spansIn(text));
	}
	/** The same for a value that was given to the action: without the short ones too. */
	redactInput(text) {
		return [...this.#given].filter((one) => !isDistinct(one)).sort((a, b) => b.length - a.length).reduce((shown, one) => shown.replaceAll(one, "***"), this.redact(text));
	}
	/** A value as JSON whose texts are without any of them; its keys are the program's own. */
	json(value) {
		const text = JSON.stringify(value);
		if (text === void 0 || this.spansIn(text).length === 0) return text;
		return JSON.stringify(value, (_, one) => typeof one === "string" ? this.redact(one) : one);
	}
	/** Where they are in a text, in no order; stretches may overlap. */
	spansIn(text, level = 0) {
		if (this.#given.size === 0) return [];
		const find = (within) => this.#find(within);
		const inner = level < 3 ? unescaped(text) : void 0;
		return [
			...find(text),
			...spansOf(unbroken(text), find),
			...spansOf(inner, (within) => this.spansIn(within, level + 1))
		];
	}
	/** Not less than any of them takes, however it is written, up to `mostKeptBack`. */
	get longest() {
		this.#finder ??= this.#makeFinder();
		return Math.min(this.#longest * longestLetter, mostKeptBack);
	}
	#find(text) {
		this.#finder ??= this.#makeFinder();
		return this.#finder.find(this.#hasSpaces ? withoutPlus(text) : text);
	}
	#makeFinder() {
		const forms = [...this.#given].filter(isDistinct).flatMap(formsOf);
		this.#hasSpaces = forms.some((form) => form.includes(" "));
		this.#longest = forms.reduce((longest, { length }) => Math.max(longest, length), 0);
		return new Finder([...new Set(this.#hasSpaces ? forms.map(withoutPlus) : forms)]);
	}
};
/** Of the places in a text that another was made of, where there is another. */
function spansOf(rewritten, find) {
	const text = rewritten?.text;
	return text === void 0 ? [] : find(text).map((span) => rewritten.sourceOf(span));
}
/** A form has a plus for each space, and nothing tells which one is a plus: both are looked for as the same. */
function withoutPlus(text) {
	return text.replaceAll("+", " ");
}
/**
* A text with a mask for each stretch of it, or for several that overlap.
* @param done so many of its first characters are behind a mask that is elsewhere
*/
function masked(text, spans, done = 0) {
	let clean = "";
	let end = done;
	for (const span of spans.toSorted((a, b) => a.start - b.start)) {
		if (span.start >= end) clean += text.slice(end, span.start) + "***";
		end = Math.max(end, span.end);
	}
	return clean + text.slice(end);
}
// src/until.ts
/**
* Waits for something that takes no signal, such as @actions/cache, but no longer than until `signal` is aborted. What
* it still does after that is ignored.
* @throws the signal's reason
*/
async function until(signal, start) {
	signal.throwIfAborted();
	const aborted = Promise.withResolvers();
	const abort = () => aborted.reject(signal.reason);
	signal.addEventListener("abort", abort);
	try {
		return await Promise.race([start(), aborted.promise]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}
/** Resolves once a signal is aborted. Give it a signal that is made for this wait: its listener stays. */
function aborted(signal) {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
}
/** Waits so many ms. @throws the signal's reason, where it is aborted first; Node's timer would throw an error of its own */
async function pause(ms, signal) {
	await setTimeout(ms, void 0, { signal }).catch(() => signal.throwIfAborted());
}
// src/http/dual-stack.ts
/**
* How long connecting to one address of a name may take before the next one is tried, ms. By default Node waits 250
* ms for each but the last: on a slow network, with a last address that cannot be reached, it would never connect.
*/
const addressPatience = 3e3;
/** How long connecting may take in all, ms: enough for the first four addresses. */
const connectPatience = 15e3;
// src/domain/long-work.ts
/** The most steps from one turn to the next: some ms. */
const stepsAtATime = 5e3;
/** The items, with a turn for others after every so many of them. */
function* paused(items, work) {
	let steps = 0;
	for (const item of items) {
		work(item);
		if (++steps % 5e3 === 0) yield;
	}
}
/** Does all of it in one go. */
function atOnce(work) {
	for (;;) {
		const { done, value } = work.next();
		if (done) return value;
	}
}
// src/domain/mirror.ts
/**
* Names a mirror, `cache-key` and `endpoint` together, in 16 hex digits: what its snapshot, its cache, its lock and
* its tracking issue are known by.
*/
function mirrorId(cacheKey, endpoint) {
	return createHash("sha256").update(`${cacheKey}\0${endpoint.href}`).digest("hex").slice(0, 16);
}
// src/text/escape.ts
/**
* Outside text as inline code for GitHub's Markdown, tables included. Inside `<code>` GitHub links no mention and no
* reference, and with its punctuation as entities the Markdown parser sees none of it.
* @param most characters (code points); what is longer ends in an ellipsis
*/
function code(text, most = 128) {
	return `<code>${entities(shown(text, most)).replaceAll("&#64;", "<wbr>&#64;")}</code>`;
}
/**
* Outside text among words of ours, to be read as a sentence: what is in backticks becomes code, and so does each word
* that is more than letters and digits. So no mention, reference, link, or Markdown is left in it.
* @param most characters (code points) of each line
*/
function prose(text, most = 1e3) {
	return cut(text, most).split(/\r?\n/).map((line) => sentence(shown(line, most))).join("<br>");
}
function sentence(line) {
	const parts = line.split("`");
	const last = parts.length % 2 === 0 ? `\`${parts.pop()}` : "";
	return parts.map((part, index) => index % 2 === 1 ? code(part, part.length) : words(part)).concat(last === "" ? "" : words(last)).join("");
}
function words(text) {
	return text.replaceAll(/[^ ]+/g, (word, index) => {
		const before = opening.exec(word)?.[0] ?? "";
		const rest = word.slice(before.length);
		const end = lengthWithoutClosing(rest);
		const core = rest.slice(0, end);
		const mark = index === 0 ? entities : (sign) => sign;
		const shownCore = core === "" || isPlain(core) ? mark(core).replace(/^-$/, "&#45;") : code(core, core.length);
		return `${mark(before)}${shownCore}${mark(rest.slice(end))}`;
	});
}
const opening = /^[(“„"']*/;
const closing = /* @__PURE__ */ new Set(".,;:!?)”\"…’'");
function lengthWithoutClosing(word) {
	let end = word.length;
	while (end > 0 && closing.has(word[end - 1])) end--;
	return end;
}
const plain = /^(?:[\p{L}\p{M}\p{N}]+(?:[-’'/.,–·][\p{L}\p{M}\p{N}]+)*%?|\d\d:\d\d|[–—→·-]|[+−][\d.,]+)$/u;
/** What GitHub makes links of, though it is letters and digits: commits, issues, addresses of the web. */
const linked = /\b(?:[\da-f]{7,}\b|gh-\d|www\.)/i;
function isPlain(word) {
	return plain.test(word) && !linked.test(word);
}
/** Lines to copy, as a block of its own. */
function codeBlock(lines) {
	return `<pre>\n${lines.map((line) => entities(shown(line, 512))).join("\n")}\n</pre>`;
}
/**
* Outside text as one line of a log: no control characters, no colours, and no workflow command. The runner takes
* `::name::` for one at the start of a line, after white space too, and `##[name]` anywhere in it.
*/
function logLine(text, most = 2e3) {
	return shown(text, most).replaceAll("##[", "# #[").replace(/^\s*::/, (start) => start.replace("::", ": :"));
}
const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]/g;
/** Controls, bidi overrides, zero-width and other invisible characters; not the two that pick an emoji's style. */
const unseen = /[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]--[\uFE0E\uFE0F]]/gv;
/** All ASCII punctuation but three that mean nothing inside a line and that CIDs' names and multiaddrs are full of. */
const special = /[!-+.:-@[-`{-~]/g;
function shown(text, most) {
	return cut(text, most).replace(lineBreaks, " ").replace(unseen, "�").toWellFormed();
}
function entities(text) {
	return text.replace(special, (character) => `&#${character.charCodeAt(0)};`);
}
/** At most so many code points, of which the last is an ellipsis where something was cut off. */
function cut(text, most) {
	if (text.length <= most) return text;
	const characters = Array.from(text.slice(0, 2 * most + 2));
	return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
// src/domain/pin.ts
/** The states of a pin request, in the order in which they are shown. */
const statuses = [
	"queued",
	"pinning",
	"pinned",
	"failed"
];
/** Content that is said to be larger than a petabyte is not believed to be. */
const largestSize = 2 ** 50;
const longestName = 255;
/**
* Under which name a pin is known, whichever side tells of it: `null` for none, and where the name is the CID itself, as
* some write it who have none (Filebase), in whatever form. A longer one than Kubo takes is cut.
*/
function pinName(name, cid) {
	if (name === void 0 || name === "" || name === cid) return null;
	const key = parseCid(cid)?.key;
	return key !== void 0 && name.length > key.length && !/[ .]/.test(name) && parseCid(name)?.key === key ? null : cutName(name);
}
/** Kubo takes names of at most 255 bytes: cuts a longer one between two characters. */
function cutName(name) {
	if (3 * name.length <= longestName) return name;
	const bytes = Buffer.from(name);
	if (bytes.length <= longestName) return name;
	let end = longestName;
	while ((bytes[end] & 192) === 128) end--;
	return bytes.toString("utf8", 0, end);
}
// src/snapshot/row-rules.ts
/** ms on either side of the epoch: some 30,000 years, of which every one is a date to JavaScript. */
const farthest = 0x38d7ea4c68000;
/** A run a minute comes to it in 1900 years. */
const mostRuns = 1e9;
/** Each new one has a number that is higher by 1 than all before; marks of CIDs hold no more than 32 bits of it. */
const highestBucket = 1e9;
/** A fact, in bytes. To parse such a one takes some ms. */
const longestFact = 4e6;
/** Numbers that grow one by one: far from where JavaScript can no longer tell two of them apart. */
const mostCounted = 2 ** 40;
const instant$1 = (column) => `${column} BETWEEN -${farthest} AND ${farthest}`;
const number = (column, least, most) => `${column} BETWEEN ${least} AND ${most}`;
const text = (column, least, most) => number(`octet_length(${column})`, least, most);
/** None is of a run to come: what that had seen would count as told. */
const run$1 = (column) => `${column} BETWEEN 0 AND ifnull((SELECT value FROM fact WHERE name = 'run'), 0)`;
const flag = (column) => `${column} IN (0, 1)`;
const cid = (column) => number(`octet_length(${column})`, 3, 512);
const ofBucket = "bucket IN (SELECT id FROM bucket)";
const orNull = (column, rule) => `(${column} IS NULL OR ${rule})`;
/** Read only where it is JSON: of what is none, these functions make an error. */
const texts = (column, most) => `CASE WHEN ${text(column, 2, most)} AND json_valid(${column}) THEN json_type(${column}) = 'array'
     AND NOT EXISTS (SELECT 1 FROM json_each(${column}) WHERE type <> 'text') END`;
const requestid = text("requestid", 1, 2048);
const name = orNull("name", text("name", 0, 1024));
const cidText = text("cid_text", 0, 4096);
const peerId = text("peer_id", 1, 200);
const node = text("node", 1, 200);
/** Each of them is a date to JavaScript. */
const mostDays = Math.floor(farthest / day);
const days = (column) => number(column, -11574074, mostDays);
/** More can be added to it, and the sum is still one to JavaScript. */
const bytes = number("bytes", 0, largestSize);
/**
* What the rows of each table look like, wherever the file comes from: a STRICT table keeps its types, and these keep
* what would end every run, or hold it up for ever. Wider than what any run writes, so that none meets its own.
*/
const rowRules = {
	fact: [text("name", 1, 100), `CASE WHEN typeof(value) IN ('integer', 'real') THEN ${number("value", -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)}
       WHEN typeof(value) = 'text' THEN ${text("value", 0, longestFact)} END`],
	bucket: [
		number("id", 1, highestBucket),
		text("name", 1, 400),
		flag("listed"),
		orNull("margin", number("margin", 0, 1e5)),
		orNull("honest_count", number("honest_count", 0, Number.MAX_SAFE_INTEGER)),
		orNull("page_size", number("page_size", 0, mostCounted)),
		orNull("single_statuses", flag("single_statuses")),
		orNull("counts_any", flag("counts_any")),
		orNull("doubled", flag("doubled")),
		orNull("audited_to", instant$1("audited_to")),
		number("unaudited", 0, 10),
		run$1("finished_in"),
		orNull("drop_run", run$1("drop_run")),
		orNull("drop_here", instant$1("drop_here")),
		orNull("drop_service", instant$1("drop_service"))
	],
	request: [
		ofBucket,
		instant$1("created"),
		requestid,
		number("status", 0, 3),
		orNull("cid", cid("cid")),
		`CASE cid_text WHEN 0 THEN octet_length(cid) = 35 WHEN 1 THEN cid IS NOT NULL
       ELSE typeof(cid_text) = 'text' AND ${cidText} END`,
		name,
		orNull("delegates", number("delegates", 1, mostCounted)),
		orNull("failure_reason", text("failure_reason", 0, 8192)),
		orNull("size", number("size", 1, largestSize)),
		orNull("vanished_in", run$1("vanished_in"))
	],
	unread: [
		ofBucket,
		orNull("after", instant$1("after")),
		orNull("before", instant$1("before"))
	],
	delegate_set: [number("id", 1, mostCounted), texts("addrs", longestList)],
	delegate: [
		text("address", 0, 4096),
		orNull("peer_id", peerId),
		instant$1("first_seen"),
		instant$1("last_seen"),
		text("example_cid", 0, 4096)
	],
	sent: [
		ofBucket,
		cid("cid"),
		instant$1("here"),
		orNull("service", instant$1("service")),
		orNull("requestid", requestid),
		orNull("failed_created", instant$1("failed_created")),
		number("tries", 0, mostCounted)
	],
	dropped: [
		ofBucket,
		run$1("run"),
		instant$1("here"),
		orNull("service", instant$1("service"))
	],
	gone: [
		ofBucket,
		cid("cid"),
		instant$1("here"),
		orNull("service", instant$1("service"))
	],
	peered: [
		node,
		peerId,
		texts("addrs", 1e6)
	],
	saved_peer: [
		node,
		peerId,
		texts("addrs", 1e6),
		instant$1("last_seen")
	],
	run: [
		number("id", 1, mostRuns),
		run$1("id"),
		instant$1("started"),
		`conclusion IN (${conclusions.map((word) => `'${word}'`).join(", ")})`,
		number("doubted", 0, 1),
		...[
			"cids",
			"on_node",
			"missing",
			"failed"
		].map((column) => orNull(column, number(column, 0, mostCounted))),
		orNull("in_step_since", instant$1("in_step_since")),
		orNull("failing_since", instant$1("failing_since")),
		number("failing_runs", 0, mostRuns)
	],
	failure: [
		"direction IN ('backup', 'update', 'verify')",
		cid("cid"),
		cidText,
		name,
		text("bucket", 1, 400),
		text("reason", 0, 1e6),
		text("class", 1, 100),
		"retry IN ('later', 'never')",
		number("attempts", 0, mostCounted),
		instant$1("first_failed"),
		instant$1("next_attempt"),
		orNull("request_created", instant$1("request_created"))
	],
	named: [
		ofBucket,
		flag("is_missed"),
		orNull("of_token", text("of_token", 1, 400))
	],
	verified: [
		days("day"),
		cid("cid"),
		number("bucket", 1, mostCounted),
		bytes
	],
	reading: [
		cid("cid"),
		days("day"),
		days("since"),
		bytes
	],
	reading_part: [
		cid("cid"),
		cid("part"),
		flag("is_long")
	]
};
/** Of these no run keeps more, and each costs every run something. */
const mostRows = {
	fact: 1e3,
	bucket: 1e4,
	named: 1e4,
	unread: 1e6,
	dropped: 1e4,
	delegate: 5e4,
	delegate_set: 2e4,
	peered: 2e4,
	saved_peer: 2e4,
	run: 1e3
};
/** Lists of addresses are read all at once: so long are those of one table together at most, in bytes. */
const mostListed = 8e7;
const listed = [
	"delegate_set",
	"peered",
	"saved_peer"
];
/**
* Names a table that holds what no run has written; `undefined` for none. A million requests take 0.5 s.
* @param db whose tables are those of its format, which may be an older one
*/
function* findStrangeRow(db) {
	const isTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
	for (const [table, rules] of Object.entries(rowRules)) {
		if (isTable.get(table) === void 0) continue;
		const isStrange = `(${rules.join(" AND ")}) IS NOT TRUE`;
		const rows = db.prepare(`SELECT ${isStrange} AS strange FROM ${table} WHERE ${isStrange} OR random() % ${stepsAtATime} = 0`);
		for (const { strange } of rows.iterate()) {
			if (strange === 1) return table;
			yield;
		}
		if (isTooMuch(db, table)) return table;
	}
}
function isTooMuch(db, table) {
	const tooMany = db.prepare(`SELECT 1 FROM ${table} LIMIT 1 OFFSET ${mostRows[table] ?? -1}`);
	if (table in mostRows && tooMany.get() !== void 0) return true;
	if (!listed.includes(table)) return false;
	const { bytes } = db.prepare(`SELECT total(octet_length(addrs)) AS bytes FROM ${table}`).get();
	return bytes > mostListed;
}
// src/snapshot/facts.ts
const run = int().min(0).max(mostRuns);
const instant = int().min(-0x38d7ea4c68000).max(farthest);
const moment = object({
	here: instant,
	service: instant.nullable()
});
const watchedPeers = array(object({
	peerId: string(),
	name: string(),
	trouble: string().nullable(),
	since: instant.nullable()
}));
const delegates = array(object({
	peerId: string(),
	addrs: array(string())
}));
/** Single facts that the snapshot knows besides its tables. */
const factTypes = object({
	/** Which mirror it belongs to: `mirrorId`. */
	mirror: string(),
	/** The number of the last run that opened it. Of two copies, the one with the higher number is the newer. */
	run,
	/** The last run that closed it. A run that was killed did not. */
	endedRun: run,
	/** The last run that changed anything worth saving. */
	changedInRun: run,
	/** The last run whose changes are in the cache. */
	cachedRun: run,
	/** When it was last put in the cache, ms since the epoch. */
	cachedAt: instant,
	/** Of the node that was last backed up to. */
	nodeVersion: string(),
	/** How many pins the node had at the end of the last run that believed it, but for what is nobody's content. */
	nodePins: int().min(0),
	/** Since when the node lists no pins and is not believed: a `Moment` as JSON. */
	nodeEmptySince: jsonOf(moment),
	/** The peers that a cluster is made of, as the last run left them: a list of `WatchedPeer` as JSON. */
	nodePeers: jsonOf(watchedPeers),
	/** Buckets of the account that are not mirrored, as the last run that asked left them: a list as JSON. */
	unmirrored: jsonOf(array(string())),
	/** The tracking issue. */
	issue: int().min(1),
	/** Which pins the table `verified` has: see `Verifiable.digest`. */
	verifiable: string(),
	/** The peers that were taken as known because the input `delegates` is empty: a list of `KnownDelegate` as JSON. */
	firstDelegates: jsonOf(delegates)
});
var Facts = class {
	#db;
	constructor(db) {
		this.#db = db;
	}
	get(name) {
		return this.#db.prepare("SELECT value FROM fact WHERE name = ?").get(name)?.["value"];
	}
	forget(name) {
		this.#db.prepare("DELETE FROM fact WHERE name = ?").run(name);
	}
	set(name, value) {
		this.#db.prepare("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)").run(name, value);
	}
	/** Names one that no run has written as it is; `undefined` for none. Its rows are to be such as `row-rules.ts` says. */
	findStrange() {
		const facts = {};
		for (const { name, value } of this.#db.prepare("SELECT name, value FROM fact").iterate()) {
			const known = Object.entries(factTypes.shape).find(([one]) => one === name);
			if (known === void 0 || !known[1].safeParse(value).success) return String(name);
			facts[known[0]] = value;
		}
		const { run: last = 0, ...others } = facts;
		return [
			"endedRun",
			"changedInRun",
			"cachedRun"
		].find((name) => (others[name] ?? 0) > last);
	}
};
/** A list as it is kept: as many of its items, from the first on, as there is room for. */
function listAsFact(items) {
	const kept = [];
	let length = 2;
	for (const item of items) {
		const text = JSON.stringify(item);
		length += Buffer.byteLength(text) + 1;
		if (length > 4e6) break;
		kept.push(text);
	}
	return `[${kept.join(",")}]`;
}
function jsonOf(schema) {
	return string().refine((text) => {
		try {
			return schema.safeParse(JSON.parse(text)).success;
		} catch {
			return false;
		}
	});
}
// src/snapshot/sqlite-errors.ts
const busy = 5;
const noMemory = 7;
const ioError = 10;
const full = 13;
function faultIn(error) {
	if (error instanceof SnapshotError) return faultIn(error.cause);
	const code = (error?.errcode ?? 0) % 256;
	if (code === busy) return "busy";
	return [
		noMemory,
		ioError,
		full
	].includes(code) ? "resources" : "other";
}
/**
* What ended a run, as its user can mend it: whatever was being written when the disk was full, it is the snapshot that
* cannot be kept.
*/
function asSnapshotError(error, path) {
	return !(error instanceof SnapshotError) && faultIn(error) === "resources" ? new SnapshotUnusableError(path, error) : error;
}
// src/snapshot/transaction.ts
/**
* Runs `work` as one transaction: all of it is in the file afterwards, or, when it throws, none.
* @throws SnapshotUnusableError where the disk has no room for it
*/
function transaction(db, work) {
	db.exec("BEGIN IMMEDIATE");
	try {
		const result = work();
		db.exec("COMMIT");
		return result;
	} catch (error) {
		if (db.isTransaction) db.exec("ROLLBACK");
		throw asSnapshotError(error, db.location() ?? "the memory");
	}
}
/**
* The steps that make the tables of the snapshot's file, one for each format. A new file is made by running all of
* them; an older file is brought up to date by those that it has not had.
*/
const migrations = [
	`
CREATE TABLE fact (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE bucket (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  -- 1 once a listing was read to its end; until then every run goes on with the cold one
  listed INTEGER NOT NULL DEFAULT 0,
  -- what was found out of the service, NULL until then: see domain/manners.ts
  margin INTEGER,
  honest_count INTEGER,
  page_size INTEGER,
  single_statuses INTEGER,
  counts_any INTEGER,
  -- 1 where the snapshot has a request at two instants
  doubled INTEGER,
  -- the audit goes on below this instant
  audited_to INTEGER,
  -- so many tenths of a listing that came from the cache are still to be read again, one a run
  unaudited INTEGER NOT NULL DEFAULT 0,
  -- the last run whose listing came to its end: what had vanished by then was said, and may be confirmed
  finished_in INTEGER NOT NULL DEFAULT 0,
  -- a large drop that is not confirmed: the run that saw it first, and when that was, ms, by the box's clock and by the
  -- service's; NULL where there is none
  drop_run INTEGER,
  drop_here INTEGER,
  drop_service INTEGER
) STRICT;

CREATE TABLE request (
  bucket INTEGER NOT NULL,
  -- ms since the epoch
  created INTEGER NOT NULL,
  requestid TEXT NOT NULL,
  -- 0 queued, 1 pinning, 2 pinned, 3 failed
  status INTEGER NOT NULL,
  -- codec and multihash; NULL where the CID does not parse
  cid BLOB,
  -- how the service writes the CID: 0 as CIDv0, 1 as CIDv1 in base32, else the text itself
  cid_text ANY NOT NULL,
  name TEXT,
  -- a row of delegate_set
  delegates INTEGER,
  failure_reason TEXT,
  -- bytes of the content; NULL where the service does not say
  size INTEGER,
  -- a tombstone: the run that no longer found it; NULL while it is there
  vanished_in INTEGER,
  PRIMARY KEY (bucket, created, requestid)
) STRICT, WITHOUT ROWID;

-- Of the requests that are few in most buckets, and looked for in every run. With the run, so that counting them reads
-- no row of the table: of a million tombstones that took half a second (a tenth of it now, measured).
CREATE INDEX tombstone ON request (bucket, created, vanished_in) WHERE vanished_in IS NOT NULL;

CREATE INDEX unsettled ON request (bucket, created) WHERE status <> 2;

-- Windows of a listing under way that are not read yet: a killed one goes on with them. NULL is unbounded.
CREATE TABLE unread (bucket INTEGER NOT NULL, after INTEGER, before INTEGER) STRICT;

-- The distinct lists of delegates that requests carry, as JSON.
CREATE TABLE delegate_set (id INTEGER PRIMARY KEY, addrs TEXT NOT NULL UNIQUE) STRICT;

-- Every delegate address ever seen; peer_id is NULL where the address does not parse.
CREATE TABLE delegate (
  address TEXT PRIMARY KEY,
  peer_id TEXT,
  -- ms: when an answer showed it for the first time, and for the last
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  example_cid TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that the service may have taken in: noted before they go out, until a listing shows them or, an hour later,
-- does not. The columns here and service: when that was, ms, by the box's clock and by the service's.
CREATE TABLE sent (
  bucket INTEGER NOT NULL,
  cid BLOB NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  requestid TEXT,
  -- when the newest request for it was created that had failed by then
  failed_created INTEGER,
  tries INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (bucket, cid)
) STRICT, WITHOUT ROWID;

-- CIDs whose requests are gone: for a week they are looked up before they are paid for again.
CREATE TABLE gone (
  bucket INTEGER NOT NULL,
  cid BLOB NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  PRIMARY KEY (bucket, cid)
) STRICT, WITHOUT ROWID;

-- Whom this mirror has added to a node's peering for the time of a run, written before it is added: what a killed run
-- left behind is here. Addresses as JSON.
CREATE TABLE peered (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  PRIMARY KEY (node, peer_id)
) STRICT, WITHOUT ROWID;

-- Which entries of a node's Peering.Peers this mirror wrote, and how; what differs is somebody else's.
CREATE TABLE saved_peer (
  node TEXT NOT NULL,
  peer_id TEXT NOT NULL,
  addrs TEXT NOT NULL,
  -- ms: when the service last showed it
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (node, peer_id, addrs)
) STRICT, WITHOUT ROWID;

-- How the last runs ended, but for dry runs and inspections: see domain/history.ts. NULL is for what is not known.
CREATE TABLE run (
  -- its number
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  conclusion TEXT NOT NULL,
  -- 1 where it found what is not believed before it is confirmed
  doubted INTEGER NOT NULL,
  cids INTEGER,
  on_node INTEGER,
  missing INTEGER,
  failed INTEGER,
  -- what the runs up to this one have in common
  in_step_since INTEGER,
  failing_since INTEGER,
  failing_runs INTEGER NOT NULL
) STRICT;

-- The ledger: what failed, by direction.
CREATE TABLE failure (
  direction TEXT NOT NULL,
  cid BLOB NOT NULL,
  cid_text TEXT NOT NULL,
  name TEXT,
  bucket TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- what the reason has in common with others, and whether to try again: see domain/reasons/classes.ts
  class TEXT NOT NULL,
  retry TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_failed INTEGER NOT NULL,
  next_attempt INTEGER NOT NULL,
  -- when the request at the service was created whose failure was counted last; NULL where none was (a pin that failed
  -- on the node)
  request_created INTEGER,
  PRIMARY KEY (direction, cid)
) STRICT, WITHOUT ROWID;

-- What is told in numbers of all that failed alike.
CREATE INDEX alike ON failure (direction, class, bucket, retry, first_failed, next_attempt);
`,
	`
-- What is known of a bucket by which it is missed where the input names it no more.
CREATE TABLE named (
  bucket INTEGER PRIMARY KEY,
  -- 1 once a run that was no dry one listed it: what dry runs alone listed is not missed
  is_missed INTEGER NOT NULL,
  -- which bucket its token said it is, whatever the input called it; NULL where tokens do not say
  of_token TEXT
) STRICT, WITHOUT ROWID;

-- The pins that are verified, in the order in which it is done: each has one row, which moves as it is found whole. So
-- what is due is the head of the table, and no index is needed, which would double it: a million take some 50 MB.
CREATE TABLE verified (
  -- days since the epoch, UTC: when all of its blocks were last found whole; 0 for never. Below 0 is what was found broken
  -- since: that day, or 0, taken from -1
  day INTEGER NOT NULL,
  cid BLOB NOT NULL,
  -- the last bucket, in the input's order, that has a request for it
  bucket INTEGER NOT NULL,
  -- of all its blocks, each once; 0 while that is not known
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, cid)
) STRICT, WITHOUT ROWID;

-- Pins that take longer to read than a run has time for: read in parts, over several runs.
CREATE TABLE reading (
  cid BLOB PRIMARY KEY,
  -- the day of its row in verified
  day INTEGER NOT NULL,
  -- when the first of its parts was read, and how many bytes the parts had that were found whole so far
  since INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is left to read of them: blocks, each with all that is below it.
CREATE TABLE reading_part (
  cid BLOB NOT NULL,
  part BLOB NOT NULL,
  -- 1: it was too long too, and its first block was found whole; its links are next
  is_long INTEGER NOT NULL,
  PRIMARY KEY (cid, part)
) STRICT, WITHOUT ROWID;
`,
	`
-- Large drops that are not confirmed: the run that saw each first, and when that was, ms, by the box's clock and by the
-- service's. Tombstones of runs after the one of the drop before it, and up to its own, belong to it. Before, a bucket
-- had one, in its columns drop_run, drop_here and drop_service: they are NULL now.
CREATE TABLE dropped (
  bucket INTEGER NOT NULL,
  run INTEGER NOT NULL,
  here INTEGER NOT NULL,
  service INTEGER,
  PRIMARY KEY (bucket, run)
) STRICT, WITHOUT ROWID;

INSERT INTO dropped (bucket, run, here, service)
  SELECT id, drop_run, drop_here, drop_service FROM bucket WHERE drop_run IS NOT NULL AND drop_here IS NOT NULL;
UPDATE bucket SET drop_run = NULL, drop_here = NULL, drop_service = NULL;
`
];
/** The format of the snapshot's file: the number of migrations that made it. The file has it as its `user_version`. */
const formatVersion = migrations.length;
/** Says in a database's header, to whoever looks before he opens it, that it is a snapshot of this program: `IPFM`. */
const applicationId = 1229997645;
/** Brings a file up to the present format; call it within a transaction. */
function migrate(db) {
	for (const step of migrations.slice(formatOf(db))) db.exec(step);
	db.exec(`PRAGMA user_version = ${formatVersion}`);
}
function formatOf(db) {
	return db.prepare("PRAGMA user_version").get()?.["user_version"];
}
// src/snapshot-file/schema-pages.ts
/** SQLite's own, which no run changes. */
const pageSize = 4096;
/** Ours takes two. */
const mostPages = 16;
/** Of a definition, in bytes: the longest of ours has a thousand. */
const longest = 2e4;
const headerLength$1 = 100;
const leaf = 13;
const inner = 5;
/**
* Whether the schema is no larger than one that this program makes.
* @param page gives a page by its number, from 1 on; what is not there is empty
*/
function isSchemaSmall(page) {
	const first = page(1);
	if (first.length < 4096 || first[headerLength$1] !== inner) return areShort(first, headerLength$1);
	const children = cellsOf(first, headerLength$1, 12).map((at) => first.readUInt32BE(at));
	if (children.length >= mostPages) return false;
	return [...children, first.readUInt32BE(108)].every((number) => {
		const child = page(number);
		return child.length < 4096 || child[0] !== inner && areShort(child, 0);
	});
}
/** Whether the definitions on a leaf are short. */
function areShort(page, header) {
	if (page.length < 4096 || page[header] !== leaf) return true;
	return cellsOf(page, header, 8).every((at) => numberAt(page, at) <= longest);
}
/** Where the cells of a page begin; those that say they are outside of it are left out, as SQLite refuses them. */
function cellsOf(page, header, length) {
	const most = (pageSize - header - length) / 2;
	const count = Math.min(page.readUInt16BE(header + 3), most);
	return Array.from({ length: count }, (_, n) => page.readUInt16BE(header + length + 2 * n)).filter((at) => at <= 4087);
}
/** A number of seven bits a byte, the highest first; all bytes but the last have their eighth bit set. */
function numberAt(page, at) {
	let number = 0;
	for (let n = 0; n < 8; n++) {
		const byte = page[at + n];
		number = number * 128 + (byte & 127);
		if (byte < 128) return number;
	}
	return Number.POSITIVE_INFINITY;
}
// src/snapshot-file/whose.ts
/** Beside the database: its journal under WAL, and what processes share of that. */
const companions = ["-wal", "-shm"];
/**
* The journal of another mode. This program never leaves one, and SQLite, which finds it, would write it into the
* database, and delete the file that it names.
*/
const foreignJournal = "-journal";
/**
* A million requests are 87 MB: what is larger was made to be so. It may not become larger either, so that no service
* fills the disk.
*/
const largest = 1024 ** 3;
const magic = "SQLite format 3\0";
const pageSizeAt = 16;
/** Of the application ID in the header: https://www.sqlite.org/fileformat.html */
const idAt = 68;
const headerLength = 100;
/**
* Why what lies at a path is nothing that this program made, or nothing that it alone can write to; `undefined` where it
* is, or where nothing is there. Told without SQLite, which follows a link, and writes to what it opens before anybody
* can see whose it is. Not to be called while this process has the file open: closing it would give up SQLite's locks.
*/
function strangenessOf(path) {
	if (statOf(path + "-journal") !== void 0) return "a journal lies beside it that this program never leaves";
	for (const companion of companions) {
		const fault = faultOf$1(statOf(path + companion));
		if (fault !== void 0) return `its ${companion} ${fault}`;
	}
	const stat = statOf(path);
	const fault = faultOf$1(stat);
	if (fault !== void 0) return `it ${fault}`;
	if (stat === void 0 || stat.size === 0) return void 0;
	if (stat.size > largest) return "it is larger than any snapshot";
	return faultOfPages(path);
}
function statOf(path) {
	return lstatSync(path, { throwIfNoEntry: false });
}
function faultOf$1(stat) {
	if (stat === void 0) return void 0;
	if (stat.isSymbolicLink()) return "is a link";
	if (!stat.isFile()) return "is no regular file";
	if (!isTrusted(stat)) return "belongs to another user";
	if (stat.nlink > 1) return "has another name too (a hard link)";
}
/** Whether it belongs to this process's user, or to root, who may do everything anyway; Windows does not tell. */
function isTrusted({ uid }) {
	const own = process.geteuid?.();
	return own === void 0 || uid === own || uid === 0;
}
/** @throws where the file has become another since it was looked at */
function faultOfPages(path) {
	const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
	try {
		if (!fstatSync(file).isFile()) throw new Error("it is no regular file any more");
		const read = (length, at) => {
			const bytes = Buffer.alloc(length);
			return bytes.subarray(0, readSync(file, bytes, 0, length, at));
		};
		const fault = faultOfHeader(read(headerLength, 0));
		if (fault !== void 0) return fault;
		return isSchemaSmall((number) => read(4096, (number - 1) * 4096)) ? void 0 : "it has more tables than a snapshot";
	} finally {
		closeSync(file);
	}
}
function faultOfHeader(header) {
	if (header.length < headerLength || header.toString("latin1", 0, 16) !== magic) return "it cannot be read as a snapshot: it is no SQLite database";
	if (header.readUInt32BE(idAt) !== 1229997645) return "it is another program’s database";
	return header.readUInt16BE(pageSizeAt) === 4096 ? void 0 : "its pages are not of a snapshot’s size";
}
// src/snapshot-file/folder.ts
/** A folder, and a file, that are for their owner only: a snapshot says what is pinned, and is believed. */
const forOwner = {
	folder: 448,
	file: 384
};
const rightsOfOthers = 63;
const writableByOthers = 18;
const writableByAll = 2;
/** In a folder with this bit, as `/tmp` has it, nobody can rename what belongs to others. */
const sticky = 512;
/** Makes a folder for snapshots, for its owner only. In a checkout, Git does not show it. */
function makeFolder(folder) {
	makeWithParents(folder);
	makeNew(join(folder, ".gitignore"), "*\n");
}
/** Makes the file of a snapshot where there is none, or takes away what others may do with the one that is there. */
function makeFile(path) {
	if (makeNew(path, "")) return;
	const { mode, uid } = lstatSync(path);
	if ((mode & rightsOfOthers) !== 0 && uid === process.geteuid?.()) chmodSync(path, forOwner.file);
}
/** Whether others may put their own in the place of what is in a folder; Windows does not tell. */
function isOpenToOthers(folder) {
	if (process.geteuid === void 0) return false;
	const real = realpathSync(folder);
	const own = statSync(real);
	if (!isTrusted(own) || (own.mode & writableByOthers) !== 0) return true;
	return above(real).some((one, levels) => {
		const { mode } = statSync(one);
		return (mode & (levels === 0 ? writableByOthers : writableByAll)) !== 0 && (mode & sticky) === 0;
	});
}
/** The folders that a folder is in, from the nearest to the root. */
function above(folder) {
	const parent = dirname(folder);
	return parent === folder ? [] : [parent, ...above(parent)];
}
/** `false` where there is something: it stays as it is, and where it is a link, so does what that leads to. */
function makeNew(path, text) {
	try {
		const file = openSync(path, "wx", forOwner.file);
		writeFileSync(file, text);
		closeSync(file);
		return true;
	} catch (error) {
		if (error.code === "EEXIST") return false;
		throw error;
	}
}
/** One by one: Node's own way to make all of them never comes back below `/proc` (measured, Node 24). */
function makeWithParents(folder) {
	if (existsSync(folder)) return;
	makeWithParents(dirname(folder));
	try {
		mkdirSync(folder, { mode: forOwner.folder });
	} catch (error) {
		if (error.code !== "EEXIST") throw error;
	}
}
// src/snapshot-file/fault.ts
/**
* Brings a file of an older format up to the present one. It is checked before, since a file that is put aside must
* stay as it was.
* @returns why a file cannot be used as the snapshot of this mirror; `undefined` where it can, or is new
* @throws what the disk or the memory is at fault for
*/
function* makeUsable(db, mirror) {
	try {
		const fault = yield* faultOf(db, mirror);
		if (fault === void 0 && !isEmpty(db) && formatOf(db) < formatVersion) transaction(db, () => migrate(db));
		return fault;
	} catch (error) {
		if (faultIn(error) !== "other") throw error;
		return `it is damaged (${error.message})`;
	}
}
function* faultOf(db, mirror) {
	if (isEmpty(db)) return void 0;
	const format = formatOf(db);
	if (format > formatVersion) return `its format ${format} is newer than this version's ${formatVersion}`;
	if (format < 1) return `its format is ${format}, not ${formatVersion}`;
	if (tablesOf(db) !== tablesMadeBy(migrations.slice(0, format))) return "its tables are not those of its format";
	yield;
	if (db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"] !== "ok") return "it is damaged";
	yield;
	const facts = new Facts(db);
	if (facts.get("mirror") !== mirror) return "it belongs to another mirror";
	const table = yield* findStrangeRow(db);
	if (table !== void 0) return `its table \`${table}\` holds what no run has written`;
	const fact = facts.findStrange();
	return fact === void 0 ? void 0 : `its fact \`${fact}\` is not what any run has written`;
}
function tablesOf(db) {
	return JSON.stringify(db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all());
}
function tablesMadeBy(steps) {
	using empty = new DatabaseSync(":memory:");
	for (const step of steps) empty.exec(step);
	return tablesOf(empty);
}
/** The file may be anybody's: https://www.sqlite.org/security.html */
function harden(db) {
	db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
}
/** Whether a database was made, but nothing was put in it. */
function isEmpty(db) {
	return db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] === 0;
}
// src/snapshot-file/place.ts
const folder = ".ipfs-pin-mirror";
function placeOf(config) {
	const { github, snapshotDir, cacheKey, endpoint } = config;
	const mirror = mirrorId(cacheKey, endpoint);
	const prefixOf = (format) => `${cacheKey}-${mirror}-v${format}-`;
	const older = Array.from({ length: formatVersion - 1 }, (_, age) => prefixOf(formatVersion - 1 - age));
	return {
		mirror,
		path: join(snapshotDir ?? join(github.workspace, folder), mirror, "snapshot.sqlite"),
		cachedPath: `${folder}/${mirror}/cached/snapshot.sqlite`,
		cacheKey: `${prefixOf(formatVersion)}${github.runId}-${github.runAttempt}`,
		cacheKeyPrefixes: [prefixOf(formatVersion), ...older]
	};
}
/** Reads what the main step left for the post step; `undefined` where it left nothing to keep. */
function readPlace(state) {
	return state === "" ? void 0 : JSON.parse(state);
}
// src/snapshot-file/copy.ts
const beside = [...companions, foreignJournal];
/**
* Removes the copy that goes to or comes from the cache. A process that was killed while it wrote there has left a
* journal, which SQLite would take for the journal of the next copy and so spoil that.
*/
function removeCopy(path) {
	for (const suffix of ["", ...beside]) rmSync(path + suffix, {
		recursive: true,
		force: true
	});
}
/**
* Removes what an archive of the cache may have put beside its copy, which is one file by itself.
* @returns whether the copy is there, whatever it is
*/
function isCopyAlone(path) {
	for (const suffix of beside) rmSync(path + suffix, {
		recursive: true,
		force: true
	});
	return lstatSync(path, { throwIfNoEntry: false }) !== void 0;
}
// src/uncaught.ts
/** So many are told. One that comes again and again would fill the report. */
const mostTold = 10;
/**
* What nobody caught: an exception, a rejected promise, or an event loop that has run empty before the work came to
* its end. Node would end the process there and then, with nothing told.
*/
var Uncaught = class {
	#tell;
	#grace;
	#count = 0;
	#stop;
	/** What is done when the event loop has run empty. */
	#idle;
	/**
	* Minds the process from here on.
	* @param grace after an uncaught error, the work under way has so many ms to come to its end
	*/
	constructor(tell, grace) {
		this.#tell = tell;
		this.#grace = grace;
		for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, (error) => this.#add(error));
		process.on("beforeExit", () => this.#idle?.());
	}
	/** How many there were. */
	get count() {
		return this.#count;
	}
	/**
	* Waits for a piece of work. After an uncaught error it waits no longer than the grace, and not at all where nothing
	* is left that could happen. Never throws: what the work throws counts as uncaught.
	* @param work is given a signal that the next uncaught error aborts
	*/
	async during(work) {
		const stop = new AbortController();
		const stopped = Promise.withResolvers();
		this.#stop = () => {
			stop.abort();
			stopped.resolve();
		};
		this.#idle = () => this.#add(/* @__PURE__ */ new Error("nothing is left to wait for, but the work has not come to its end"));
		const ended = this.#outcomeOf(work, stop.signal);
		await Promise.race([ended, stopped.promise]);
		if (stop.signal.aborted) {
			const idle = new Promise((resolve) => this.#idle = resolve);
			setImmediate(() => {});
			await Promise.race([
				ended,
				idle,
				setTimeout(this.#grace(), void 0, { ref: false })
			]);
		}
		this.#stop = void 0;
		this.#idle = void 0;
	}
	/** Waits until the process has nothing left to do, or something more goes uncaught. */
	async untilIdle() {
		await this.during(() => new Promise((resolve) => this.#idle = resolve));
	}
	/** What the work throws after it was stopped is only what the stop brought about. */
	async #outcomeOf(work, stop) {
		try {
			await work(stop);
		} catch (error) {
			if (!stop.aborted) this.#add(error);
		}
	}
	#add(error) {
		if (++this.#count <= mostTold) this.#tell(error);
		this.#stop?.();
	}
};
// src/secrets/guard.ts
const maskCommand = "::add-mask::";
const maskCommands = /(?<![^\n])(::add-mask::[^\n]*)/;
/**
* Takes the secrets out of all that this process says from now on, whoever says it: libraries write to the log as well.
* What asks the runner to mask something goes out as it is, and from then on is a secret here too. A line goes out once
* it is whole, with those that are written with it: a secret may lie across them.
*/
function guardOutput(stream, secrets) {
	const write = stream.write.bind(stream);
	let rest = "";
	const told = (command) => {
		secrets.add(unescapedCommand(command.slice(12).trimEnd()));
		return command;
	};
	const clean = (lines) => lines.split(maskCommands).map((part) => part.startsWith(maskCommand) ? told(part) : secrets.redact(part)).join("");
	stream.write = (piece, encoding, done) => {
		const text = rest + (typeof piece === "string" ? piece : Buffer.from(piece).toString());
		const end = text.lastIndexOf("\n") + 1;
		rest = text.slice(end);
		return write(clean(text.slice(0, end)), "utf8", typeof encoding === "function" ? encoding : done);
	};
	process.on("exit", () => write(clean(rest)));
}
/** The value of a command, as GitHub's toolkit writes it. */
function unescapedCommand(value) {
	return value.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}
export { PinError as $, logLine as A, isPrivateAddress as At, until as B, Facts as C, longestAddress as Ct, statuses as D, cidV0 as Dt, pinName as E, cidForms as Et, stepsAtATime as F, grown as Ft, hasPassed as G, masked as H, addressPatience as I, BadAnswerError as J, hour as K, connectPatience as L, mirrorId as M, isPublicName as Mt, atOnce as N, serviceName as Nt, code as O, cidV1 as Ot, paused as P, bucketOfToken as Pt, PeerError as Q, aborted as R, faultIn as S, latest as St, largestSize as T, readGlob as Tt, endOfLines as U, Secrets as V, day as W, NoAnswerError as X, DeadlineError as Y, NodeError as Z, pageSize as _, readConfig as _t, placeOf as a, StatusError as at, transaction as b, peersOf as bt, isEmpty as c, messageOf as ct, makeFile as d, ownClass as dt, RequestError as et, makeFolder as f, retryOf as ft, strangenessOf as g, readGitHubContext as gt, largest as h, streaksAfter as ht, removeCopy as i, SnapshotUnusableError as it, prose as j, isPublicAddress as jt, codeBlock as k, parseCid as kt, makeUsable as l, problemOf as lt, foreignJournal as m, noStreaks as mt, Uncaught as n, SnapshotBusyError as nt, readPlace as o, TunnelError as ot, companions as p, blanked as pt, week as q, isCopyAlone as r, SnapshotError as rt, harden as s, defectOf as st, guardOutput as t, ServiceError as tt, isOpenToOthers as u, isKnown as ut, applicationId as v, proxyFor as vt, listAsFact as w, mostDelegates as wt, asSnapshotError as x, earliest as xt, migrate as y, peerIdOf as yt, pause as z };
