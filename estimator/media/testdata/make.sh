#!/bin/sh
# Makes the test files of this directory with ffmpeg, and writes what ffprobe
# says of the videos to videos.json. Needs ffmpeg with the usual encoders
# (Debian's has them all). Run it in an empty copy of this directory: encoders
# of another version write other bytes, and that is no reason to commit them.
set -eu

# video NAME WxH RATE SECONDS OPTION...: a test picture, moving where it is small.
video() {
	name=$1 size=$2 rate=$3 seconds=$4
	shift 4
	case $size in
	???x*|????x*) source="color=c=teal:s=$size:r=$rate" ;;
	*) source="testsrc=s=$size:r=$rate" ;;
	esac
	ffmpeg -nostdin -v error -y -f lavfi -i "$source" -t "$seconds" \
		-pix_fmt yuv420p -fflags +bitexact -flags:v +bitexact "$@" "$name"
}

# sound NAME WxH RATE SECONDS OPTION...: the same beside a tone.
sound() {
	name=$1 size=$2 rate=$3 seconds=$4
	shift 4
	ffmpeg -nostdin -v error -y -f lavfi -i "sine=r=22050" -f lavfi -i "testsrc=s=$size:r=$rate" \
		-t "$seconds" -pix_fmt yuv420p -fflags +bitexact -flags:v +bitexact "$@" "$name"
}

ffmpeg -nostdin -v error -y -f lavfi -i testsrc=s=61x37 -frames:v 1 -c:v libwebp -lossless 0 lossy.webp
ffmpeg -nostdin -v error -y -f lavfi -i testsrc=s=33x18 -frames:v 1 -c:v libwebp -lossless 1 lossless.webp
ffmpeg -nostdin -v error -y -f lavfi -i testsrc=s=48x20:r=5 -t 0.4 -c:v libwebp_anim extended.webp

video h264-moov-first.mp4 320x180 25 2 -c:v libx264 -movflags +faststart
video h264-moov-last.mp4 1280x720 30 1 -c:v libx264
video h264-1080p.mp4 1920x1080 30000/1001 3 -c:v libx264
video h264-fragments.mp4 96x64 24 3 -c:v libx264 -g 24 -movflags +frag_keyframe+empty_moov
video h264-dash.mp4 96x64 30 2 -c:v libx264 -g 15 -movflags +dash+frag_keyframe+empty_moov+default_base_moof+global_sidx
video h264-fragments-rest.mp4 96x64 24 3 -c:v libx264 -g 24 -movflags +frag_keyframe
video hevc.mp4 64x48 50 1 -c:v libx265 -x265-params log-level=error
video av1.mp4 64x48 10 1 -c:v libaom-av1 -cpu-used 8
sound mpeg4-sound-first.mp4 96x72 30000/1001 2 -map 0 -map 1 -c:v mpeg4 -q:v 31 -c:a aac -b:a 16k
video mpeg4-one-frame.mp4 60x44 1 1 -c:v mpeg4
video h264-slow.mp4 64x48 1 12 -c:v libx264
video h264-uneven.mp4 64x48 30 2 -c:v libx264 -vf "select='not(mod(n,3))+lt(n,20)'" -vsync vfr
video h264-turned.mp4 64x48 15 1 -c:v libx264 -metadata:s:v rotate=90
ffmpeg -nostdin -v error -y -ss 0.5 -i h264-moov-first.mp4 -c copy -fflags +bitexact h264-cut.mp4
video h264-open-groups.mp4 64x48 25 2 -c:v libx264 -bf 3 -x264-params open-gop=1:b-pyramid=normal
sound h264-ipod.mp4 64x48 25 1 -c:v libx264 -c:a aac -b:a 16k -f ipod
video mjpeg.mov 64x48 12 1 -c:v mjpeg -q:v 31 -pix_fmt yuvj420p
video h264.mov 640x360 24000/1001 2 -c:v libx264
video prores.mov 32x32 24 0.25 -c:v prores_ks -pix_fmt yuv422p10
video h263.3gp 176x144 15 2 -c:v h263 -q:v 31
sound mpeg4.3gp 80x60 10 2 -c:v mpeg4 -q:v 31 -c:a aac -b:a 16k
video h264.3gp 48x36 20 1 -c:v libx264
video vp8.webm 96x64 25 2 -c:v libvpx
video vp9.webm 320x240 30 1 -c:v libvpx-vp9
video av1.webm 64x48 24 1 -c:v libaom-av1 -cpu-used 8
sound vp8-sound.webm 64x48 15 2 -c:v libvpx -b:v 20k -c:a libvorbis -q:a -1
video vp8-ntsc.webm 64x48 30000/1001 2 -c:v libvpx
ffmpeg -nostdin -v error -y -f lavfi -i testsrc=s=64x48:r=20 -t 2 -pix_fmt yuv420p -c:v libvpx \
	-fflags +bitexact -f webm -live 1 - >vp8-live.webm
video vp9-hidden.webm 64x48 25 2 -c:v libvpx-vp9 -auto-alt-ref 1 -lag-in-frames 16 -b:v 20k
video h264-odd-rate.mkv 64x48 73/10 5 -c:v libx264
video h264.mkv 96x64 60 1 -c:v libx264
video h264-uneven.mkv 64x48 30 2 -c:v libx264 -vf "select='not(mod(n,3))+lt(n,20)'" -vsync vfr
video mpeg4.avi 96x64 25 2 -c:v mpeg4 -q:v 31
video mjpeg.avi 62x46 10 1 -c:v mjpeg -q:v 31 -pix_fmt yuvj420p
sound mpeg4-sound.avi 64x48 30000/1001 2 -c:v mpeg4 -q:v 31 -c:a libmp3lame -b:a 16k
video h264.avi 640x480 15 2 -c:v libx264 -bf 0
video mpeg4-between.avi 64x48 25/2 3 -c:v libxvid -bf 2 -q:v 31
video raw.avi 16x12 5 1 -c:v rawvideo
video mpeg1.mpg 96x64 25 2 -c:v mpeg1video -q:v 31
video mpeg2.mpg 352x288 25 1 -c:v mpeg2video -q:v 31 -f vob
video mpeg2-ntsc.mpeg 720x480 30000/1001 2 -c:v mpeg2video -q:v 31 -f svcd
sound mpeg1-sound.mpg 64x48 24 2 -c:v mpeg1video -q:v 31 -c:a mp2 -b:a 32k
video mpeg2-interlaced.mpg 64x48 25 1 -c:v mpeg2video -q:v 31 -flags +ildct+ilme -top 1 -f vob
video mpeg2-between.mpg 64x48 25 2 -c:v mpeg2video -q:v 31 -bf 2 -g 15 -f vob
video mpeg4-between.mpg 64x48 30000/1001 2 -c:v mpeg4 -q:v 31 -bf 2 -f vob
video h264-fields.mpg 64x64 25 2 -c:v libx264 -flags +ilme+ildct -top 1 -f vob
video h264.mpg 64x48 25 1 -c:v libx264 -f vob
video mpeg4.mpg 64x48 25 1 -c:v mpeg4 -q:v 31 -f vob
video elementary.mpeg 64x48 30 1 -c:v mpeg1video -q:v 31 -f mpeg1video
video sorenson.flv 96x64 25 2 -c:v flv -q:v 31
video sorenson-large.flv 640x360 10 1 -c:v flv -q:v 31
sound h264-sound.flv 64x48 30 2 -c:v libx264 -c:a aac -b:a 16k
video h264-silent-header.flv 64x48 15 2 -c:v libx264 -flvflags no_metadata+no_duration_filesize
video h264-odd.flv 61x45 10 1 -c:v libx264 -pix_fmt yuv444p -flvflags no_metadata
video h264-crop.flv 62x46 10 1 -c:v libx264 -x264-params cqm=jvt -profile:v high -flvflags no_metadata
video h264-fields.flv 62x44 10 1 -c:v libx264 -flags +ilme+ildct -flvflags no_metadata
video sorenson-quarter.flv 176x144 10 1 -c:v flv -q:v 31
video screen.flv 64x48 5 1 -c:v flashsv -pix_fmt bgr24
video wmv1.wmv 96x64 25 2 -c:v wmv1 -q:v 31
sound wmv2-sound.wmv 64x48 30000/1001 2 -c:v wmv2 -q:v 31 -c:a wmav2 -b:a 24k
sound h264.wmv 64x48 25 2 -c:v libx264 -c:a wmav2 -b:a 24k -f asf
video msmpeg4.wmv 640x480 15 2 -c:v msmpeg4 -q:v 31
video wmv2-large.wmv 1280x720 30 1 -c:v wmv2 -q:v 31

# What ffprobe says: frames as decoded, rates as it believes them.
for file in *.mp4 *.mov *.3gp *.webm *.mkv *.avi *.mpg *.mpeg *.flv *.wmv; do
	ffprobe -v error -select_streams v:0 -count_frames -count_packets -of default=nw=1 -show_entries \
		stream=width,height,avg_frame_rate,r_frame_rate,nb_read_frames,nb_read_packets "$file" |
		awk -F= -v file="$file" '{ v[$1] = $2 } END {
			printf "  {\"file\": \"%s\", \"width\": %d, \"height\": %d, ", file, v["width"], v["height"]
			printf "\"frames\": %d, \"packets\": %d, ", v["nb_read_frames"], v["nb_read_packets"]
			printf "\"average\": \"%s\", \"base\": \"%s\"},\n", v["avg_frame_rate"], v["r_frame_rate"]
		}'
done | sed '1i [
$s/,$/\n]/' >videos.json
