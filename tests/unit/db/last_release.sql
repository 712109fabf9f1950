BEGIN TRANSACTION;
CREATE TABLE access_keys (
	id VARCHAR(32) NOT NULL, 
	user VARCHAR(64) NOT NULL, 
	secret BLOB NOT NULL, 
	policy TEXT NOT NULL, 
	created_ms BIGINT NOT NULL, 
	expires_ms BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "access_keys" VALUES('AKOR2DL2X56OBFYUPUIB','lan',X'67414141414142724378426C3654425A7077424366774350697A67557A6B4351616F5A584A45524A716371783844547A7671656C644A7632615358693042393941354148364B636C523459306C36414D5A6E6151626F554A6E7074396A7075363036576D64773439517155515969414A462D6C62694B4858376E57507250584A31366D44596D667A68346470','detect-only',1795887205611,NULL);
CREATE TABLE celebrities (
	id VARCHAR(16) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	urls TEXT NOT NULL, 
	gender VARCHAR(16), 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "celebrities" VALUES('8BDUgNLX','Lan','["https://example.org/lan"]','Female');
CREATE TABLE celebrity_faces (
	id INTEGER NOT NULL, 
	celebrity_id VARCHAR(16) NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	vector BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(celebrity_id) REFERENCES celebrities (id)
);
INSERT INTO "celebrity_faces" VALUES(1,'8BDUgNLX','dlib_resnet-1-2',X'0000803F00000000000000000000000000000000000000000000000000000000');
INSERT INTO "celebrity_faces" VALUES(2,'8BDUgNLX','dlib_resnet-1-2',X'000000000000000000000000000000000000000000000000000000000000803F');
CREATE TABLE collections (
	name VARCHAR(255) NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	created_ms BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "collections" VALUES('visitors','dlib_resnet-1-2',1795887205573);
INSERT INTO "collections" VALUES('empty','dlib_resnet-1-2',1795887205581);
CREATE TABLE log_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	timestamp_ms BIGINT NOT NULL, 
	level VARCHAR(8) NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	request_id VARCHAR(64), 
	analysis_id VARCHAR(64), 
	record TEXT NOT NULL
);
INSERT INTO "log_events" VALUES(1,1795887205617,'INFO','received','r-1',NULL,'{"timestamp":"2026-11-28T17:33:25.617Z","level":"INFO","event":"received","message":"record 0","request_id":"r-1","bytes":0}');
INSERT INTO "log_events" VALUES(2,1795887205617,'INFO','received','r-1',NULL,'{"timestamp":"2026-11-28T17:33:25.617Z","level":"INFO","event":"received","message":"record 1","request_id":"r-1","bytes":1}');
INSERT INTO "log_events" VALUES(3,1795887205617,'INFO','received','r-1',NULL,'{"timestamp":"2026-11-28T17:33:25.617Z","level":"INFO","event":"received","message":"record 2","request_id":"r-1","bytes":2}');
CREATE TABLE object_facts (
	bucket VARCHAR(63) NOT NULL, 
	"key" VARCHAR(1024) NOT NULL, 
	store_etag VARCHAR(128) NOT NULL, 
	etag VARCHAR(128) NOT NULL, 
	content_type VARCHAR(255) NOT NULL, 
	metadata TEXT NOT NULL, 
	PRIMARY KEY (bucket, "key")
);
INSERT INTO "object_facts" VALUES('openrek','a.txt','store-etag','5d41402abc4b2a76b9719d911017c592','text/plain','{"metadata":{"colour":"red"},"headers":{}}');
CREATE TABLE tags (
	resource_arn VARCHAR(2048) NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	value VARCHAR(256) NOT NULL, 
	PRIMARY KEY (resource_arn, name)
);
INSERT INTO "tags" VALUES('arn:aws:rekognition:us-east-1:000000000000:collection/visitors','team','door');
INSERT INTO "tags" VALUES('arn:aws:rekognition:us-east-1:000000000000:collection/visitors','Farbe','blå');
CREATE INDEX log_events_by_analysis ON log_events (analysis_id);
CREATE INDEX log_events_by_request ON log_events (request_id);
CREATE INDEX log_events_by_time ON log_events (timestamp_ms);
CREATE INDEX ix_celebrity_faces_celebrity_id ON celebrity_faces (celebrity_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('log_events',3);
COMMIT;
PRAGMA user_version=4;
