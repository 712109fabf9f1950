// The AWS SDK for JavaScript, version 3: the usual work with a bucket.
import {
  CopyObjectCommand, CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, GetObjectCommand,
  HeadObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import assert from "node:assert";

const client = new S3Client({ region: "us-east-1", forcePathStyle: true });
const Bucket = "b-javascript";
await client.send(new CreateBucketCommand({ Bucket }));
await client.send(new PutObjectCommand({
  Bucket, Key: "ảnh/a b.txt", Body: "one", ContentType: "text/plain", Metadata: { who: "lan" }, Tagging: "a=b",
}));
const large = Buffer.alloc(12 * 1024 * 1024, "x");
await new Upload({ client, params: { Bucket, Key: "large", Body: large }, partSize: 5 * 1024 * 1024 }).done();
const part = await client.send(new GetObjectCommand({ Bucket, Key: "large", Range: "bytes=0-9" }));
assert.equal(await part.Body.transformToString(), "x".repeat(10));
const whole = await client.send(new GetObjectCommand({ Bucket, Key: "large" }));
assert.equal((await whole.Body.transformToByteArray()).length, large.length);
await client.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent("ảnh/a b.txt")}` }));
const head = await client.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
assert.deepEqual([head.ContentType, head.Metadata], ["text/plain", { who: "lan" }]);
const link = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: "linked" }));
assert.equal((await fetch(link, { method: "PUT", body: "two" })).status, 200);
const post = await createPresignedPost(client, { Bucket, Key: "posted/${filename}", Conditions: [["content-length-range", 1, 9]] });
const form = new FormData();
for (const [name, value] of Object.entries(post.fields)) form.append(name, value);
form.append("file", new Blob(["three"]), "a.txt");
assert.equal((await fetch(post.url, { method: "POST", body: form })).status, 204);
const keys = [];
for await (const page of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket })) keys.push(...page.Contents.map(({ Key }) => Key));
assert.deepEqual(keys, ["copy", "large", "linked", "posted/a.txt", "ảnh/a b.txt"]);
await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
await client.send(new DeleteBucketCommand({ Bucket }));
