//! What disks answer when they are asked for their health.

pub mod ata;
pub mod nvme;
pub mod scsi;

/// What a disk says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is well.
    Good,
    /// It is worn, or has little in reserve.
    Warning,
    /// It predicts its end, has become unreliable, or lets nothing be written any more.
    Failing,
}
