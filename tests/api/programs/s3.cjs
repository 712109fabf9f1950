// The AWS SDK for JavaScript, version 2: the usual work with a bucket.
const AWS = require("aws-sdk");
const assert = require("node:assert");
(async () => {
  const s3 = new AWS.S3({ endpoint: process.argv[2], region: "us-east-1", s3ForcePathStyle: true });
  const Bucket = "b-javascript-2";
  await s3.createBucket({ Bucket }).promise();
  await s3.upload({ Bucket, Key: "large", Body: Buffer.alloc(12 * 1024 * 1024, "x") }, { partSize: 5 * 1024 * 1024 }).promise();
  await s3.putObject({ Bucket, Key: "small", Body: "one", ServerSideEncryption: "AES256", ACL: "private" }).promise();
  assert.equal((await s3.getObject({ Bucket, Key: "small" }).promise()).Body.toString(), "one");
  for (const signatureVersion of ["v4", "v2"]) {
    const signer = new AWS.S3({ endpoint: process.argv[2], region: "us-east-1", s3ForcePathStyle: true, signatureVersion });
    const link = await signer.getSignedUrlPromise("getObject", { Bucket, Key: "small" });
    assert.equal(await (await fetch(link)).text(), "one");
  }
  await s3.copyObject({ Bucket, Key: "copy", CopySource: `${Bucket}/small` }).promise();
  const { Contents } = await s3.listObjectsV2({ Bucket }).promise();
  assert.deepEqual(Contents.map(({ Key }) => Key), ["copy", "large", "small"]);
  await s3.deleteObjects({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }).promise();
  await s3.deleteBucket({ Bucket }).promise();
})().catch((error) => { console.error(error); process.exit(1); });
